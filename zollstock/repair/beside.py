"""The placebo test of a repair: paths of held-out images, and placebos that are as large.

Of each image one placebo is enough where there are many images: if the property matters no more
than what should not matter, edit and placebo of an image are exchangeable, so that the difference
of what they do is as likely as its negative, and a sign-flip test over images is exact.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import nn

from zollstock.arrays import Array
from zollstock.models.normalisation import Normalisation
from zollstock.repair.material import Paths
from zollstock.repair.measuring import followed_along, gradient_of
from zollstock.significance.compared import moved
from zollstock.significance.signflip import sign_flip_p

FEWEST = 5
"""With fewer pairs of edit and placebo no p of a sign-flip test is below .05."""


@dataclass(frozen=True)
class Beside:
    """Paths of a property, and a placebo of some of them.

    Attributes
    ----------
    edits
        Of P images.
    placebos
        Of Q ≤ P of them, with as many frames, each as far from its picture as the edit's; None
        where there is none.
    rows
        Which edit each placebo belongs to, (Q,).
    """

    edits: Paths
    placebos: Paths | None
    rows: npt.NDArray[np.intp]


def measured_beside(
    module: nn.Module,
    paths: Beside,
    statistic: str,
    normalisation: Normalisation,
    device: torch.device | str = "cpu",
) -> dict[str, float]:
    """Return how much the probability of the label moves, beside what placebos move it.

    Parameters
    ----------
    module
        What is measured, in evaluation mode.
    paths
        Of held-out images.
    statistic
        See `zollstock.significance.compared.PLACEBO_STATISTICS`.
    normalisation, device
        As in `zollstock.repair.measuring.property_gradient`.

    Returns
    -------
    dict
        Those of `zollstock.repair.measuring.property_gradient` and of `compared`.
    """
    edited = followed_along(module, paths.edits, normalisation, device)
    found = gradient_of(edited, paths.edits)
    if paths.placebos is None:
        return found
    placebos = followed_along(module, paths.placebos, normalisation, device)
    steps = edited.series.shape[1]
    one, other = (moved(each.series, statistic, steps) for each in (edited, placebos))
    return found | compared(one[paths.rows], other)


def compared(edits: Array, placebos: Array) -> dict[str, float]:
    """Return whether edits move a model more than placebos of the same images do.

    Parameters
    ----------
    edits, placebos
        How far each moves it, (Q,); NaN leaves the pair out.

    Returns
    -------
    dict
        ``excess``: mean (edit − placebo), 0 if it is less; ``placebo``: the placebos' mean; ``p``:
        one-sided, of a sign-flip test over images. Empty with fewer than `FEWEST` pairs.
    """
    apart = edits - placebos
    known = np.isfinite(apart)
    if known.sum() < FEWEST:
        return {}
    return {
        "excess": max(0.0, float(apart[known].mean())),
        "placebo": float(placebos[known].mean()),
        "p": float(sign_flip_p(apart[None, known], "greater")[0]),
    }


def combined(each: Sequence[Mapping[str, float]]) -> dict[str, float]:
    """Return numbers of several properties as one: means, and the least p times their number.

    A property without a placebo test leaves all of them without one: what is not known of it may
    be the largest.
    """
    found = {key: sum(one[key] for one in each) / len(each) for key in ("accuracy", "epgm")}
    if all("p" in one for one in each):
        found |= {key: sum(one[key] for one in each) / len(each) for key in ("excess", "placebo")}
        found["p"] = min(1.0, len(each) * min(one["p"] for one in each))
    return found
