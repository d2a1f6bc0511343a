"""The short way in: ``Zollstock("grad").score(p)``."""

from typing import TYPE_CHECKING, Any

import numpy.typing as npt

from zollstock.scoring import statistics

if TYPE_CHECKING:
    from zollstock.scoring.shuffle import ShuffleTest


class Zollstock:
    """Measures prediction series with one statistic.

    Parameters
    ----------
    statistic
        ``paper_grad`` (alias ``grad``), ``corr`` or ``mi``; see
        `zollstock.scoring.statistics.evaluate`.

    Raises
    ------
    ZollstockError
        If there is no statistic of that name; the message names the nearest.

    Examples
    --------
    >>> from zollstock import Zollstock
    >>> Zollstock("grad").score([0.0, 0.25, 0.5, 0.75, 1.0])
    0.25
    """

    def __init__(self, statistic: str = "paper_grad") -> None:
        self.statistic = statistics.get_statistic(statistic).name

    def __repr__(self) -> str:
        return f"Zollstock({self.statistic!r})"

    def score(self, p: npt.ArrayLike) -> Any:  # noqa: ANN401 - float or array, as p
        """Return the score of a series (S,) or the scores (N,) of a batch (N, S)."""
        return statistics.evaluate(self.statistic, p)

    def shuffle_test(self, p: npt.ArrayLike, num: int = 1000, seed: int = 0) -> "ShuffleTest":
        """Return the shuffle test of a series or batch; see `shuffle.shuffle_test`."""
        from zollstock.scoring.shuffle import shuffle_test

        return shuffle_test(p, self.statistic, num, seed)
