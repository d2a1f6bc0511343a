"""How well two lists of numbers agree on an order."""

from collections.abc import Iterable

import numpy as np
import pandas as pd


def spearman(one: Iterable[float], other: Iterable[float]) -> float:
    """Return the rank correlation of finite numbers, ties with their mean rank.

    NaN for fewer than three, or if either side is constant.
    """
    ranks = np.array([pd.Series(list(values), dtype=float).rank() for values in (one, other)])
    if ranks.shape[1] < 3 or (np.ptp(ranks, axis=1) == 0).any():
        return float("nan")
    return float(np.corrcoef(ranks)[0, 1])
