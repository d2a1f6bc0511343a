"""Repair: training a classifier so that a property matters no longer, and what that costs."""
