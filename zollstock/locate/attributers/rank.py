"""How often a sample that keeps a segment has more than one that does not."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from zollstock.arrays import Array, Flags
from zollstock.locate.attributers import Ends, ratio


def attribute(y: Array, z: Flags, settings: Mapping[str, Any], ends: Ends) -> Array:
    """Return 2 AUC − 1, the rank-biserial correlation: 1 if all with it have more, −1 if less.

    AUC is the share of pairs, one sample with the segment and one without it, where the former
    has the larger output; ties count one half (Mann & Whitney). It hangs on ranks alone. NaN for
    a segment that is always or never kept.
    """
    from scipy.stats import rankdata

    if not len(y):
        return np.full((z.shape[1], y.shape[1]), np.nan)
    kept = z.astype(float)
    number = kept.sum(0)[:, None]
    above = kept.T @ rankdata(y, axis=0) - number * (number + 1) / 2
    pairs = np.broadcast_to(number * (len(z) - number), above.shape)
    return 2 * ratio(above, pairs) - 1
