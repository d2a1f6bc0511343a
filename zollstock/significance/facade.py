"""The placebo test of one path of your own: ``placebo_test(p, placebos)``."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from zollstock.arrays import Array
from zollstock.errors import ZollstockError
from zollstock.scoring.series import Series
from zollstock.significance.compared import compared_statistic
from zollstock.significance.placebo import placebo_p, threshold


@dataclass(frozen=True)
class PlaceboTest:
    """Result of a placebo test.

    Attributes
    ----------
    statistic
        Name of what is compared.
    value
        Of the edit.
    placebos
        Of each placebo, shape (K,).
    larger
        How many placebos moved the output at least as far.
    p_value
        (1 + larger) / (1 + K), with K the placebos that have a number.
    resolution
        The smallest p that K placebos can give.
    """

    statistic: str
    value: float
    placebos: Array
    larger: int
    p_value: float
    resolution: float


def placebo_test(
    p: npt.ArrayLike,
    placebos: npt.ArrayLike,
    statistic: str = "range",
    reference: int = 0,
) -> PlaceboTest:
    """Compare how far an edit moves the output with how far placebo edits of the image do.

    Valid if, without an effect of the property, edit and placebos are exchangeable: of the same
    image, by the same engine, as many frames, and as large an edit at each of them. See
    "Tests that hold on smooth paths" in docs/statistics.md.

    Parameters
    ----------
    p
        Followed output along the edit, shape (S,).
    placebos
        The same along each placebo, shape (K, S).
    statistic
        ``range``, ``net`` or ``smooth``; see `zollstock.significance.compared`.
    reference
        The step that is the unedited picture, in edit and placebos.

    Raises
    ------
    ZollstockError
        If the shapes do not fit, or there is no such statistic or step.
    """
    of = compared_statistic(statistic)
    edit, others = Series.of(p), Series.of(placebos)
    if not edit.single or others.single or others.steps != edit.steps:
        raise ZollstockError(
            "placebos",
            f"edit {edit.p.shape[edit.single :]} and placebos {others.p.shape[others.single :]}",
            "an edit (S,) and placebos (K, S)",
            "Look at both in as many frames.",
        )
    if not -edit.steps <= reference < edit.steps:
        raise ZollstockError(
            "reference",
            f"is step {reference}",
            f"0 to {edit.steps - 1}",
            "Name the step of the unedited picture.",
        )
    own, found = (of(each.p, each.p[:, reference]) for each in (edit, others))
    known = found[np.isfinite(found)]
    larger = int((known >= threshold(own)).sum())
    p_value = float(placebo_p(own, found[None])[0])
    return PlaceboTest(statistic, float(own[0]), found, larger, p_value, 1 / (1 + len(known)))
