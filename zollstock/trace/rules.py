"""Rules that say which parents of a layer join a causal graph, and which are tried at all."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from zollstock.arrays import Array
from zollstock.errors import ZollstockError, did_you_mean
from zollstock.significance.means import p_of_means
from zollstock.significance.multiplicity import q_values

_Z = 1.65
_FALLBACK = 0.001
_WIDE, _LARGEST, _SMALLEST, _MIDDLE = 600, 0.1, 0.05, 0.05
_TOP_BY = ("effect", "kl")

Divergence = Callable[[], Array]
"""Gives the mean over images of KL(p‖p_w) of each parent, (K,); p of all classes."""


@dataclass(frozen=True)
class Tested:
    """What a rule says of the parents of a layer, K of them."""

    kept: np.ndarray[Any, np.dtype[np.bool_]]
    p: Array
    q: Array
    fallback: bool = False


class Rule(Protocol):
    """Says which parents are kept."""

    def __call__(
        self,
        whole: Array,
        without: Array,
        settings: Mapping[str, Any],
        divergence: Divergence | None = None,
    ) -> Tested:
        """Return what is said of the parents; see `paired`."""


def paired(
    whole: Array,
    without: Array,
    settings: Mapping[str, Any],
    divergence: Divergence | None = None,
) -> Tested:
    """Keep parents whose replacement moves the output of the same images, either way.

    A two-sided t-test of the paired differences, adjusted over the layer's parents
    (Benjamini & Hochberg), and a least mean effect.

    Parameters
    ----------
    whole
        The followed output as it is, (N,).
    without
        With each parent's edges replaced, (K, N).
    settings
        ``level``: the false discovery rate, by default .05. ``least``: share of the mean absolute
        output that the mean effect must reach, by default .01.
    divergence
        Not needed.

    Raises
    ------
    ZollstockError
        With fewer than 2 images.
    """
    if len(whole) < 2:
        raise ZollstockError(
            "trace: images", "one image", "two or more, to test over", "Choose more images."
        )
    effects = whole - without
    p = p_of_means(effects.T)
    q = q_values(p)
    large = np.abs(effects.mean(1)) >= float(settings.get("least", 0.01)) * np.abs(whole).mean()
    return Tested((q <= float(settings.get("level", 0.05))) & large, p, q)


def explainn(
    whole: Array,
    without: Array,
    settings: Mapping[str, Any],
    divergence: Divergence | None = None,
) -> Tested:
    """Keep parents as the original does: one-sided, unpaired, without adjustment.

    mean(Y_w) < mean(Y) − 1.65·√(s_w²/N + s_Y²/(N + 1)); only if no parent of the layer passes,
    those with mean(Y_w/Y − 1) < −.001.

    Parameters
    ----------
    whole, without
        As in `paired`; of the parents that `wide_parents` chose.
    settings
        ``fallback``: whether the second rule is asked, by default True. ``top``: how many parents
        are kept as well whatever the rule says, by default 0; the original's option is 3.
        ``top_by``: of those whose cut lowers the output most (``effect``, mean(Y_w/Y − 1), the
        default) or moves the probabilities of all classes most (``kl``).
    divergence
        Asked for with ``top_by: kl``.

    Raises
    ------
    ZollstockError
        With fewer than 2 images, of which the original takes a variance.
    """
    count = len(whole)
    if count < 2:
        raise ZollstockError(
            "trace: images", "one image", "two or more, to test over", "Choose more images."
        )
    spread = np.sqrt(without.var(1, ddof=1) / count + whole.var(ddof=1) / (count + 1))
    kept = without.mean(1) < whole.mean() - _Z * spread
    with np.errstate(divide="ignore", invalid="ignore"):
        relative = np.nan_to_num((without / whole - 1).mean(1))
    fallback = False
    if not kept.any() and settings.get("fallback", True):
        kept = relative < -_FALLBACK
        fallback = bool(kept.any())
    if top := int(settings.get("top", 0)):
        kept = kept.copy()
        kept[np.argsort(_last_first(relative, settings, divergence), kind="stable")[:top]] = True
    blank = np.full(len(without), np.nan)
    return Tested(kept, blank, blank, fallback)


def _last_first(
    relative: Array, settings: Mapping[str, Any], divergence: Divergence | None
) -> Array:
    """Return by which number, the smallest first, the top parents are chosen."""
    by = str(settings.get("top_by", _TOP_BY[0]))
    if by not in _TOP_BY:
        raise ZollstockError(
            "trace: top_by", f"is '{by}'", f"one of {', '.join(_TOP_BY)}", did_you_mean(by, _TOP_BY)
        )
    if by == "effect":
        return relative
    if divergence is None:
        raise ZollstockError(
            "trace: top_by",
            "is 'kl', and what all classes are is not known",
            "a function that gives each parent's divergence",
            "Pass it, or choose by 'effect'.",
        )
    return -divergence()


def wide_parents(weights: Array, settings: Mapping[str, Any]) -> list[int] | None:
    """Return which parents of a wide layer the original tries: by the weights of the last child.

    The largest 10 %, the smallest 5 %, and the 5 % around the median, signed. The last child is
    the one of the largest number.

    Parameters
    ----------
    weights
        Of the last child, summed over each parent's kernel or block, (inputs,).
    settings
        ``wide``: more parents than these make a layer wide, by default 600; None for no layer.

    Returns
    -------
    list of int or None
        In rising order; None for all.
    """
    count, limit = len(weights), settings.get("wide", _WIDE)
    if limit is None or count <= int(limit):
        return None
    order = np.argsort(weights, kind="stable")
    large, small, middle = (round(share * count) for share in (_LARGEST, _SMALLEST, _MIDDLE))
    first = (count - middle) // 2
    chosen = {*order[count - large :], *order[:small], *order[first : first + middle]}
    return sorted(map(int, chosen))


RULES: Mapping[str, Rule] = {"paired": paired, "explainn": explainn}

CHOICES: Mapping[str, Callable[[Array, Mapping[str, Any]], list[int] | None]] = {
    "explainn": wide_parents
}
"""Of rules that do not try all parents: which they try."""
