"""What maps from graphs are called beside those of methods. Standard library only."""

GRAPH, RANDOM_GRAPH = "causal graph", "random graph"
PICTURES, MAPS = "pictures", "maps"
"""Folders of what was judged."""
