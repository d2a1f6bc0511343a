"""Placebo paths: edits that should not matter, as large as the edit under test.

The placebo paths of an image are numbered draws; see `zollstock.draws`. Each has a frame for each
of those at which the edit is compared, as far from its reference and on the same side of it; see
`zollstock.profiles`. What cannot be made so large fails, and the test is told why.
"""
