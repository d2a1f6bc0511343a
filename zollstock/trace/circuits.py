"""What sets of units or edges do to a property's score, as tables.

Sets are chosen on some images and judged on others. The score of an image is the paper's: the mean
absolute change of the followed output per frame.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import torch

from zollstock.arrays import Array
from zollstock.seeds import rng_for
from zollstock.trace.holding import Candidates, counted
from zollstock.trace.mediation import Curve, curve_over
from zollstock.trace.methods import find_method
from zollstock.trace.network import Change, Place, hooked
from zollstock.trace.shares import Traced
from zollstock.trace.units import read

_DRAWS = 2000


def mean_move(series: Array) -> Array:
    """Return the mean absolute change per step, (…, S) → (…)."""
    found: Array = np.abs(np.diff(series, axis=-1)).mean(-1)
    return found


def ranked(paths: Sequence[Traced], candidates: Candidates, method: str, seed: int) -> torch.Tensor:
    """Return how much a property's effect owes to each candidate, (count,), 0 or more.

    The absolute value of the mean over images, each turned so that its output rises.

    Parameters
    ----------
    paths
        Of the property.
    candidates
        Units or edges.
    method
        Of `zollstock.trace.methods`.
    seed
        Of the study.
    """
    total = torch.zeros(candidates.count, dtype=torch.float64)
    kind = find_method(method)
    for path in paths:
        ends = path.network.values(path.frames[[0, -1]])
        sign = float(torch.sign(ends[1] - ends[0])) or 1.0
        frames = path.frames[None]
        found = (
            kind.units(path.network, frames, candidates.sites, {"images": [path.image]}, seed)
            if candidates.sites
            else kind.edges(path.network, frames, candidates.layers, {"images": [path.image]}, seed)
        )
        total += sign * candidates.numbers(
            {name: value[0].double().cpu() for name, value in found.items()}
        )
    return total.abs()


def curve_of(
    paths: Sequence[Traced],
    candidates: Candidates,
    scores: torch.Tensor,
    *seed: object,
    sizes: Sequence[float],
    draws: int,
) -> Curve:
    """Return cut and keep over the size of the set, with random sets beside.

    Parameters
    ----------
    paths
        Those that judge.
    candidates, scores, sizes, draws
        As in `zollstock.trace.mediation.mediation_curve`.
    *seed
        Names the random sets.
    """
    groups = [
        (some[0].network, torch.stack([path.frames for path in some])) for some in _alike(paths)
    ]
    return curve_over(
        groups,
        candidates,
        scores,
        *seed,
        sizes=sizes,
        draws=draws,
        statistic=mean_move,
        only_ends=False,
    )


def curve_table(curve: Curve, candidates: Candidates, *seed: object) -> pd.DataFrame:
    """Return a curve as a table: a row a size.

    Returns
    -------
    DataFrame
        size, count, images, whole (mean score), removed (share of it that the cut takes away) with
        low and high over images, random_mean, random_low and random_high (2.5 and 97.5 % of the
        sets), p_cut, q_cut, kept (faithfulness), kept_low, kept_high, random_kept_mean,
        random_kept_low, random_kept_high, p_keep, q_keep, interaction (share), cpr, cmd.
    """
    mediated = curve.mediated
    whole = mediated.whole
    between = float(whole.mean() - mediated.none.mean())
    rows = []
    for place, (size, null) in enumerate(zip(curve.sizes, curve.random, strict=True)):
        cut, keep = mediated.cut[place], mediated.keep[place] - mediated.none
        low, high = _ratio_interval(whole - cut, whole, "cut", size, *seed)
        least, most = _ratio_interval(keep, whole - mediated.none, "keep", size, *seed)
        rows.append(
            {
                "size": size,
                "count": counted(size, candidates.count),
                "images": len(whole),
                "whole": float(whole.mean()),
                "removed": float(mediated.removed[place]),
                "low": low,
                "high": high,
                **_band("random", null.removed),
                "p_cut": float(curve.p_cut[place]),
                "q_cut": float(curve.q_cut[place]),
                "kept": float(mediated.faithfulness[place]),
                "kept_low": least,
                "kept_high": most,
                **_band("random_kept", null.faithfulness),
                "p_keep": float(curve.p_keep[place]),
                "q_keep": float(curve.q_keep[place]),
                "interaction": float(mediated.interaction[place].mean() / between)
                if between
                else np.nan,
                "cpr": curve.cpr,
                "cmd": curve.cmd,
            }
        )
    return pd.DataFrame(rows)


def accuracy_without(
    logits: Callable[[torch.Tensor], torch.Tensor],
    path: Traced,
    pictures: torch.Tensor,
    labels: npt.NDArray[np.int64],
    candidates: Candidates,
    sets: Mapping[str, torch.Tensor],
    batch: int = 128,
) -> dict[str, float]:
    """Return the accuracy with units at their mean over the pictures.

    Parameters
    ----------
    logits
        From a network's inputs to logits; calls the module of ``path.network``.
    path
        Whose network is looked into.
    pictures, labels
        Inputs, (M, …), and places of their classes, (M,).
    candidates
        Units.
    sets
        Name → set of units, bool (count,); none of them is the accuracy as it is.
    batch
        Pictures a pass.
    """
    network = path.network
    places = [site.place for site in candidates.sites]
    means: dict[Place, torch.Tensor] = {}
    parts = pictures.split(batch)
    for part in parts:
        for place, value in read(network, part, places).items():
            means[place] = means.get(place, 0) + value.double().sum(0) / len(pictures)
    truth = torch.as_tensor(labels)
    found = {}
    for name, chosen in sets.items():
        hits = 0
        with torch.no_grad(), hooked(network.module, _at_mean(candidates, chosen, means)):
            for part, right in zip(parts, truth.split(batch), strict=True):
                hits += int((logits(part).argmax(1).cpu() == right).sum())
        found[name] = hits / len(pictures)
    return found


def _at_mean(
    candidates: Candidates, chosen: torch.Tensor, means: Mapping[Place, torch.Tensor]
) -> dict[Place, Change]:
    changes: dict[Place, Change] = {}
    first = 0
    for site in candidates.sites:
        mask = site.spread(chosen[first : first + site.units])
        changes[site.place] = _put(mask, means[site.place])
        first += site.units
    return changes


def _put(mask: torch.Tensor, mean: torch.Tensor) -> Change:
    return lambda value: torch.where(mask.to(value.device), mean.to(value), value)


def _alike(paths: Sequence[Traced]) -> list[list[Traced]]:
    """Return paths of which the same is followed, and that have as many frames, together."""
    groups: dict[object, list[Traced]] = {}
    for path in paths:
        groups.setdefault((id(path.network), len(path.frames)), []).append(path)
    return list(groups.values())


def _ratio_interval(part: Array, whole: Array, *seed: object) -> tuple[float, float]:
    """Return the 95 % percentile bootstrap interval over images of Σ part / Σ whole."""
    count = len(whole)
    if count < 2:
        return np.nan, np.nan
    rng = rng_for("circuits", *seed)
    taken = rng.integers(count, size=(_DRAWS, count))
    over = whole[taken].sum(1)
    with np.errstate(divide="ignore", invalid="ignore"):
        drawn = part[taken].sum(1) / over
    drawn = drawn[np.isfinite(drawn)]
    if not len(drawn):
        return np.nan, np.nan
    low, high = np.quantile(drawn, [0.025, 0.975])
    return float(low), float(high)


def _band(name: str, values: Array) -> dict[str, Any]:
    finite = values[np.isfinite(values)]
    if not len(finite):
        return {f"{name}_{key}": np.nan for key in ("mean", "low", "high")}
    low, high = np.quantile(finite, [0.025, 0.975])
    return {f"{name}_mean": float(finite.mean()), f"{name}_low": float(low),
            f"{name}_high": float(high)}  # fmt: skip
