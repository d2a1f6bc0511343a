"""Numbers that settings and statistics share; nothing is imported here."""

NEIGHBOURS = 5
"""Nearest neighbours of the mutual information, as published."""
MI_STEPS = NEIGHBOURS + 1
"""Fewest steps with so many neighbours."""
VECTOR = "vector"
"""The output that follows all classes at once."""
MARGIN = "margin"
"""The output that follows the logit of the predicted class less the largest other one."""
