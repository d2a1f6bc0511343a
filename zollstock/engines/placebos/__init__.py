"""Placebo paths: edits that should not matter, as large as the edit under test.

The placebo paths of an image are numbered draws; see `zollstock.draws`. Each goes as far as the
largest edit that it is compared with, and is cut to the size of a smaller one when it is
compared; see `zollstock.significance.cutting`.
"""
