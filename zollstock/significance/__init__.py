"""Tests and intervals that stay valid on smooth paths.

Import the modules directly (``from zollstock.significance.placebo import placebo_p``);
this file imports nothing, so that the package stays cheap to look into.
"""
