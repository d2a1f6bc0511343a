r"""What part of a property's effect each unit carries, over images.

Of image i let Δ_i = p(end) − p(start), and g_ic the property conductance of unit c, Σ ∂p/∂a_c·Δa_c
along the frames (`zollstock.trace.conductance`). The unit's share is

    Σ_i sign(Δ_i)·g_ic / Σ_i |Δ_i|,

so that at a place through which all goes shares sum to 1, whichever way an image's output moves,
and images that hardly move weigh little. Below 0 a unit works against the property's effect.

p asks whether a unit takes part in the change that there is, not whether the property has an
effect, which the placebo tests ask: an image's change turns its own units' signs, so that along
paths between unrelated pictures 18 to 68 % of the units of small networks pass at q ≤ .05. Of units
that are independent of the change 5 % have p ≤ .05. The t-test wants images: where contributions
are skewed, 4 of them find a false unit among 99 in 26 % of studies, 8 in 13 %, 16 in 2 %.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import torch

from zollstock.arrays import Array
from zollstock.seeds import rng_for
from zollstock.significance.means import p_of_means
from zollstock.significance.multiplicity import q_values
from zollstock.trace.conductance import Conductance, property_conductance
from zollstock.trace.effects import unit_effects
from zollstock.trace.first_order import first_order
from zollstock.trace.layers import INPUT, Wiring
from zollstock.trace.network import Network
from zollstock.trace.units import Site

_DRAWS = 2000
_EDGES = 400


@dataclass(frozen=True)
class Traced:
    """A path of one image as a network's inputs.

    Attributes
    ----------
    image
        Its id.
    network
        Follows what is followed of this image; the module is the same for all.
    frames
        In the order of the path, (S, …).
    """

    image: str
    network: Network
    frames: torch.Tensor


@dataclass(frozen=True)
class Shares:
    """What was found along the paths of a property.

    Attributes
    ----------
    units
        A row a unit: layer, kind, unit, n, share, low, high, p, q, exact.
    edges
        A row for each of the edges with the largest shares: parents, child, both with layer and
        unit, share.
    cuts
        A row an image and cut: image, after, change, variation, error, residual, complete.
    """

    units: pd.DataFrame
    edges: pd.DataFrame
    cuts: pd.DataFrame


def property_shares(
    paths: Sequence[Traced],
    wiring: Wiring,
    sites: Sequence[Site],
    *seed: object,
    settings: Mapping[str, Any],
    done: Callable[[int], None] = lambda _: None,
) -> Shares:
    """Return what part of a property's effect each unit and edge carries.

    Parameters
    ----------
    paths
        Of the property, an image each.
    wiring, sites
        Of the network.
    *seed
        Names the bootstrap.
    settings
        ``tolerance``, ``most``, ``cuts`` (after how many layers), and ``confirm`` (of how many
        units the exact effect is measured).
    done
        Called after each image with 1.
    """
    cuts = spread(len(wiring.layers), int(settings["cuts"]))
    found: list[Conductance] = []
    edges: dict[str, torch.Tensor] = {}
    for path in paths:
        one = property_conductance(
            path.network,
            path.frames,
            wiring,
            sites,
            cuts=cuts,
            tolerance=float(settings["tolerance"]),
            most=int(settings["most"]),
        )
        found.append(one)
        along = first_order(
            path.network, path.frames, layers=wiring.layers, intervals=one.intervals
        )
        for name, value in along.edges_path.items():
            edges[name] = edges.get(name, 0) + np.sign(one.change) * value.double().cpu()
        done(1)
    changes = np.array([one.change for one in found])
    values = np.stack(
        [torch.cat([one.units[site.name] for site in sites]).cpu().numpy() for one in found]
    )
    units = _units(sites, values, changes, *seed)
    units["exact"] = _exact(paths, sites, units["share"].to_numpy(), changes, settings["confirm"])
    whole = float(np.abs(changes).sum())
    return Shares(units, _edges(wiring, edges, whole), _cuts(paths, found))


def spread(count: int, most: int) -> list[int]:
    """Return at most so many of `count` places, evenly spread, the first and last among them."""
    return sorted({int(place) for place in np.linspace(0, count - 1, min(count, most)).round()})


def _units(sites: Sequence[Site], values: Array, changes: Array, *seed: object) -> pd.DataFrame:
    """Return the table of units from conductances, (N, units)."""
    oriented = np.sign(changes)[:, None] * values
    sizes = np.abs(changes)
    p = p_of_means(oriented)
    low, high = _intervals(oriented, sizes, *seed)
    named = [(site.name, site.kind, unit) for site in sites for unit in range(site.units)]
    table = pd.DataFrame(named, columns=["layer", "kind", "unit"])
    share = _over(oriented.sum(0), sizes.sum())
    return table.assign(n=len(changes), share=share, low=low, high=high, p=p, q=q_values(p))


def _intervals(oriented: Array, sizes: Array, *seed: object) -> tuple[Array, Array]:
    """Return 95 % percentile bootstrap intervals over images of all shares, (units,) each."""
    count = len(sizes)
    if count < 2 or not sizes.sum():
        blank = np.full(oriented.shape[1], np.nan)
        return blank, blank
    rng = rng_for("shares", *seed)
    weights = rng.multinomial(count, np.full(count, 1 / count), size=_DRAWS).astype(np.float64)
    over = weights @ sizes
    weights, over = weights[over > 0], over[over > 0]
    drawn = (weights @ oriented) / over[:, None]
    low, high = np.quantile(drawn, [0.025, 0.975], axis=0)
    return low, high


def _exact(
    paths: Sequence[Traced], sites: Sequence[Site], shares: Array, changes: Array, number: int
) -> Array:
    """Return the exact shares of the units with the largest ones, NaN of all others.

    What the end frame's output loses if the unit alone is as at the start, oriented and summed as
    shares are. Units that work only together each lose all of it.
    """
    found = np.full(len(shares), np.nan)
    best = np.argsort(-np.abs(np.nan_to_num(shares)), kind="stable")[: int(number)]
    first = 0
    for site in sites:
        mine = np.sort(best[(best >= first) & (best < first + site.units)])
        if len(mine):
            groups = torch.zeros((len(mine), site.units), dtype=torch.bool)
            groups[torch.arange(len(mine)), torch.from_numpy(mine - first)] = True
            total = np.zeros(len(mine))
            for path, change in zip(paths, changes, strict=True):
                effects = unit_effects(
                    path.network,
                    path.frames[-1:],
                    site,
                    "swapped",
                    others=path.frames[:1],
                    groups=groups,
                ).effects
                total += np.sign(change) * effects[:, 0].double().cpu().numpy()
            found[mine] = _over(total, np.abs(changes).sum())
        first += site.units
    return found


def _edges(wiring: Wiring, found: Mapping[str, torch.Tensor], whole: float) -> pd.DataFrame:
    """Return the edges with the largest shares; a sum of several layers is one parent."""
    rows = []
    for target, layer in enumerate(wiring.layers):
        sources = [
            wiring.layers[link.source].name
            for link in wiring.into(target)
            if link.source != INPUT and link.aligned
        ]
        if not sources or layer.name not in found:
            continue
        values = found[layer.name].numpy()
        best = np.argsort(-np.abs(values), axis=None, kind="stable")[:_EDGES]
        for child, parent in zip(*np.unravel_index(best, values.shape), strict=True):
            if values[child, parent]:
                rows.append(
                    {
                        "parents": " + ".join(sources),
                        "parent": int(parent),
                        "layer": layer.name,
                        "unit": int(child),
                        "share": float(_over(values[child, parent], whole)),
                    }
                )
    table = pd.DataFrame(rows, columns=["parents", "parent", "layer", "unit", "share"])
    by = table["share"].abs().sort_values(ascending=False, kind="stable").index[:_EDGES]
    return table.loc[by].reset_index(drop=True)


def _cuts(paths: Sequence[Traced], found: Sequence[Conductance]) -> pd.DataFrame:
    rows = [
        {
            "image": path.image,
            "after": cut.after,
            "change": one.change,
            "variation": float(one.series.diff().abs().sum()),
            "error": cut.error,
            "residual": cut.residual,
            "intervals": len(one.intervals),
            "complete": one.complete,
        }
        for path, one in zip(paths, found, strict=True)
        for cut in one.cuts
    ]
    return pd.DataFrame(rows)


def _over(part: Any, whole: Any) -> Any:  # noqa: ANN401
    return part / whole if whole else part * np.nan
