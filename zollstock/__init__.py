"""zollstock measures how much an image classifier's decision depends on a property."""

__version__ = "0.1.0"
