r"""Property conductance: what a property's effect owes to each unit along the real frames.

Where the output hangs on the input through units a_c alone, p changes along the frames by
p(end) − p(start) = Σ_c ∫ ∂p/∂a_c · da_c, so the units' shares add up to the whole change. This is
the conductance of Dhamdhere et al. 2018 (arXiv 1805.12233) along frames of an intervention, instead
of a straight line from a baseline.

A network is cut after each of its layers with weights: the units of the layers up to there carry
all that there is, each through the links that cross the cut alone. So layers with skips around them
are cut as well, and every cut is a check of itself. The trapezoid rule's intervals are halved until
each cut is complete.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import torch

from zollstock.errors import ZollstockError
from zollstock.trace.along import (
    Differentiate,
    Interval,
    Path,
    graded,
    slopes_of,
    whole_slopes,
)
from zollstock.trace.layers import INPUT, Wiring
from zollstock.trace.network import Change, Network, Place, hooked
from zollstock.trace.units import Site

_INPUT: Place = ("", -1, "input")
_PART = 16


@dataclass(frozen=True)
class Cut:
    """A network cut after one layer.

    Attributes
    ----------
    after
        Name of the layer.
    shares
        What each unit carries across, (units,), by the layer's name; only layers with a link that
        crosses. What the input carries past all layers up to there stands under ``input``, (1,).
    error
        Completeness error: the sum of all shares less p(end) − p(start).
    residual
        Sum of the absolute errors of all intervals; errors of opposite sign do not cancel.
    """

    after: str
    shares: dict[str, torch.Tensor]
    error: float
    residual: float


@dataclass(frozen=True)
class Conductance:
    """The property conductance of one path.

    Attributes
    ----------
    units
        Of each place, by its name, Σ ∂p/∂a·Δa, (units,), along all ways behind it. Their sum is
        p(end) − p(start) where all goes through the place.
    cuts
        One for each that was asked.
    series
        The output at the frames, (S,).
    intervals
        Those of the integral.
    complete
        Whether all cuts' residuals are within the tolerance, or within rounding.
    """

    units: dict[str, torch.Tensor]
    cuts: tuple[Cut, ...]
    series: torch.Tensor
    intervals: tuple[Interval, ...]
    complete: bool

    @property
    def change(self) -> float:
        """p(end) − p(start)."""
        return float(self.series[-1] - self.series[0])


def property_conductance(
    network: Network,
    frames: torch.Tensor,
    wiring: Wiring,
    sites: Sequence[Site],
    *,
    cuts: Sequence[int] | None = None,
    tolerance: float = 0.01,
    most: int = 512,
) -> Conductance:
    """Return the property conductance of one path.

    Parameters
    ----------
    network
        What is looked at.
    frames
        Of one image, in the order of the path, (S, …): inputs of the network.
    wiring
        Of the network.
    sites
        Whose units are asked for.
    cuts
        Layers, as places in ``wiring.layers``, after which the network is cut; by default all. Each
        costs a run and a backward pass a point.
    tolerance
        Share of the larger of |p(end) − p(start)| and the total variation that all absolute errors
        of a cut together may have.
    most
        Limit of intervals.

    Raises
    ------
    ZollstockError
        If there is no such layer, fewer than two frames, or something is not finite.
    """
    chosen = list(range(len(wiring.layers)) if cuts is None else cuts)
    if any(not 0 <= one < len(wiring.layers) for one in chosen):
        raise ZollstockError(
            "trace: cuts", f"are {chosen}", f"0 to {len(wiring.layers) - 1}", "Choose layers."
        )
    path = Path.of(network, frames)
    budget = path.budget(tolerance)
    asked = {cut: cut_slopes(network, wiring, cut) for cut in chosen}
    done: list[Interval] = []
    waiting, spent = path.pieces(), dict.fromkeys(chosen, 0.0)
    while waiting:
        errors = {cut: _errors(path, waiting, slope) for cut, slope in asked.items()}
        full = len(done) + 2 * len(waiting) > most
        within = all(
            spent[cut] + float(found.abs().sum()) <= budget for cut, found in errors.items()
        )
        left = budget - max(spent.values(), default=0.0)
        limit = left / (4 * len(waiting))
        keep = [
            full or within or all(float(found[k].abs()) <= limit for found in errors.values())
            for k in range(len(waiting))
        ]
        for cut, found in errors.items():
            spent[cut] += float(found.abs()[torch.tensor(keep)].sum())
        done += [one for one, kept in zip(waiting, keep, strict=True) if kept]
        waiting = [
            half
            for one, kept in zip(waiting, keep, strict=True)
            if not kept
            for half in one.halves()
        ]
    done.sort(key=lambda one: (one.piece, one.start))
    whole = whole_slopes(network, [site.place for site in sites])
    return Conductance(
        {
            site.name: share
            for site, share in zip(sites, _shares(path, done, whole, sites), strict=True)
        },
        tuple(_cut(path, done, asked[cut], wiring, cut, spent[cut]) for cut in chosen),
        path.series,
        tuple(done),
        all(value <= budget for value in spent.values()),
    )


def cut_slopes(network: Network, wiring: Wiring, cut: int) -> Differentiate:
    """Return the function that gives the output's slope by all that crosses a cut.

    Layers up to the cut are held: each one's output is a variable of its own, so that the slope by
    it is along the links to layers behind the cut.
    """
    before = wiring.layers[: cut + 1]
    crossing = {link.source for link in wiring.links if link.source <= cut and link.target > cut}

    def differentiate(
        inputs: torch.Tensor,
    ) -> tuple[torch.Tensor, dict[Place, torch.Tensor], dict[Place, torch.Tensor]]:
        kept: dict[Place, torch.Tensor] = {}

        def hold(place: Place) -> Change:
            def change(value: torch.Tensor) -> torch.Tensor:
                kept[place] = value.detach().clone().requires_grad_()
                return kept[place] * 1

            return change

        changes = {
            layer.returned: hold(layer.returned) if k in crossing else torch.Tensor.detach
            for k, layer in enumerate(before)
        }
        leaf = inputs.detach().clone()
        if INPUT in crossing:
            leaf.requires_grad_()
            kept[_INPUT] = leaf
        with torch.enable_grad(), hooked(network.module, changes):
            output = network.answer(leaf)
        return output.detach(), *graded(output, kept)

    return differentiate


def _errors(path: Path, intervals: Sequence[Interval], slope: Differentiate) -> torch.Tensor:
    """Return how far each interval's shares are from the change of the output, (M,)."""
    found = []
    for first in range(0, len(intervals), _PART):
        some = slopes_of(path, intervals[first : first + _PART], slope)
        total = torch.zeros(len(some.output[0]), dtype=torch.float64)
        for place in some.values:
            total += (some.slope(place) * some.step(place)).flatten(1).double().sum(1).cpu()
        found.append(total - (some.output[1] - some.output[0]).double().cpu())
    return torch.cat(found)


def _shares(
    path: Path, intervals: Sequence[Interval], slope: Differentiate, sites: Sequence[Site]
) -> list[torch.Tensor]:
    totals = [torch.zeros(site.units, dtype=torch.float64) for site in sites]
    for first in range(0, len(intervals), _PART):
        some = slopes_of(path, intervals[first : first + _PART], slope)
        for site, total in zip(sites, totals, strict=True):
            product = (some.slope(site.place) * some.step(site.place)).double()
            total += site.sums(product).sum(0).cpu()
    return totals


def _cut(
    path: Path,
    intervals: Sequence[Interval],
    slope: Differentiate,
    wiring: Wiring,
    cut: int,
    residual: float,
) -> Cut:
    crossing = sorted(
        {link.source for link in wiring.links if link.source <= cut and link.target > cut}
    )
    layers = [wiring.layers[k] for k in crossing if k != INPUT]
    sites = [Site("units", layer.returned, layer.outputs, layer.axis) for layer in layers]
    if INPUT in crossing:
        sites.append(Site("input", _INPUT, path.frames.shape[1], 1 - path.frames.ndim))
    shares = _shares(path, intervals, slope, sites)
    named = {layer.name: share for layer, share in zip(layers, shares[: len(layers)], strict=True)}
    if INPUT in crossing:
        named["input"] = shares[-1].sum(0, keepdim=True)
    total = float(sum(share.sum() for share in shares))
    return Cut(wiring.layers[cut].name, named, total - path.change, residual)
