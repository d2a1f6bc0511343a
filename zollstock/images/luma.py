"""How light a colour is."""

import numpy as np

LUMA = np.array([0.299, 0.587, 0.114])
"""Weights of red, green and blue in luminance; source: ITU-R BT.601."""
