"""Rank correlation, where it means something."""

from collections.abc import Iterable

import numpy as np
import pandas as pd


def spearman(one: Iterable[float], other: Iterable[float]) -> float:
    """Return Spearman's rank correlation of finite numbers, ties with their mean rank.

    NaN for fewer than three pairs, or if either side is constant.
    """
    pairs = [np.asarray(list(values), dtype=np.float64) for values in (one, other)]
    if len(pairs[0]) < 3 or any(np.ptp(values) == 0 for values in pairs):
        return float("nan")
    ranks = [pd.Series(values).rank() for values in pairs]  # SciPy's takes a second to import
    return float(ranks[0].corr(ranks[1]))
