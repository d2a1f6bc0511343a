"""LeNet-5, drawn from scratch or with the weights of a file."""

from zollstock.models.lenet import lenet as build

__all__ = ["build"]
