"""Locate: where in a picture a decision comes from, and whether the answer holds.

A map is float32, (H, W), signed: a positive number says that what is at this place raises the
followed output.
"""
