"""Trace: through which units and connections of a network a property acts.

Networks are only ever called, with hooks that replace what a layer receives or returns; their
weights are never written to.
"""
