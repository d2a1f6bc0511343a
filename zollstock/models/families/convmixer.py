"""ConvMixer, drawn from scratch or with the weights of a file."""

from zollstock.models.convmixer import convmixer as build

__all__ = ["build"]
