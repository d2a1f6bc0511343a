"""First order: Σ ∂p/∂a·Δa along the real frames: property conductance."""

from zollstock.trace.first_order import of_paths

units, edges = of_paths("path")
