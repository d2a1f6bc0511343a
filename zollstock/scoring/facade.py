"""The short way in: ``Zollstock("grad").score(p)``."""

from typing import TYPE_CHECKING, Any

import numpy.typing as npt

from zollstock.scoring import statistics

if TYPE_CHECKING:
    from zollstock.scoring.series import SeriesLike
    from zollstock.scoring.shuffle import ShuffleTest


class Zollstock:
    """Measures prediction series with one statistic.

    Parameters
    ----------
    statistic
        ``paper_grad`` (alias ``grad``), ``epgm``, ``corr`` or ``mi``; see
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
    >>> Zollstock("epgm").score([0.0, 0.25, 1.0], axis=[1.0, 2.0, 8.0])
    1.0
    """

    def __init__(self, statistic: str = "paper_grad") -> None:
        self.statistic = statistics.get_statistic(statistic).name

    def __repr__(self) -> str:
        return f"Zollstock({self.statistic!r})"

    def score(self, p: "SeriesLike", axis: npt.ArrayLike | None = None) -> Any:  # noqa: ANN401 - float or array, as p
        """Return the score of a series (S,) or the scores (N,) of a batch (N, S).

        `axis` holds the property's values, shape (S,) or (N, S); see `statistics.evaluate`.
        """
        return statistics.evaluate(self.statistic, p, axis)

    def shuffle_test(
        self,
        p: "SeriesLike",
        num: int = 1000,
        seed: int = 0,
        axis: npt.ArrayLike | None = None,
    ) -> "ShuffleTest":
        """Return the shuffle test of a series or batch; see `shuffle.shuffle_test`."""
        from zollstock.scoring.shuffle import shuffle_test

        return shuffle_test(p, self.statistic, num, seed, axis)
