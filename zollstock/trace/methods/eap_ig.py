"""First order: the mean slope along the real frames times the whole difference.

This is EAP-IG (Hanna et al. 2024, arXiv 2403.17806) along frames of an intervention.
"""

from zollstock.trace.first_order import of_paths

units, edges = of_paths("mean")
