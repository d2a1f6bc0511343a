"""Scores of prediction series: statistics, shuffle test and exact null moments.

Import the modules directly (``from zollstock.scoring.shuffle import shuffle_test``);
this file imports nothing, so that the package stays cheap to look into.
"""
