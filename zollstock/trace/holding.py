"""Hold parts of a network at what they are at another frame, while the rest moves on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch

from zollstock.errors import ZollstockError
from zollstock.trace.edges import act, on_weights, weights_of
from zollstock.trace.layers import Layer
from zollstock.trace.network import Change, Network, Place
from zollstock.trace.units import Site, read


@dataclass(frozen=True)
class Candidates:
    """Units, or edges, of which sets are held; numbered throughout, in the order given.

    Attributes
    ----------
    sites
        Places with units; or none.
    layers
        Layers with edges; or none.
    """

    sites: tuple[Site, ...] = ()
    layers: tuple[Layer, ...] = ()

    def __post_init__(self) -> None:
        if bool(self.sites) == bool(self.layers):
            raise ZollstockError(
                "trace: mediation",
                "sets of both units and edges, or of neither",
                "sites or layers",
                "Choose one of them.",
            )

    @property
    def count(self) -> int:
        """How many there are."""
        if self.sites:
            return sum(site.units for site in self.sites)
        return sum(int(layer.joined().sum()) for layer in self.layers)

    def numbers(self, found: Mapping[str, torch.Tensor]) -> torch.Tensor:
        """Return a number of each, (count,), from those of each place or layer by its name."""
        if self.sites:
            return torch.cat([found[site.name] for site in self.sites])
        return torch.cat([found[layer.name][layer.joined()] for layer in self.layers])

    def changes(self, network: Network, start: torch.Tensor) -> "Holding":
        """Return what holds sets of them at their values for some inputs, (N, …)."""
        places = [site.place for site in self.sites] + [layer.received for layer in self.layers]
        return Holding(self, network, read(network, start, places))


@dataclass(frozen=True)
class Holding:
    """Sets of candidates at their values for some inputs.

    Attributes
    ----------
    candidates, network
        What is held, and where.
    values
        What was at each place.
    """

    candidates: Candidates
    network: Network
    values: Mapping[Place, torch.Tensor]

    def __call__(self, held: torch.Tensor, part: slice) -> dict[Place, Change]:
        """Return what is changed where, so that the candidates of a set, bool (count,), are held.

        A unit held is what it was. Of an edge held its child receives what it received of its
        parent, whatever the parent is now.
        """
        changes: dict[Place, Change] = {}
        first = 0
        for site in self.candidates.sites:
            changes[site.place] = self._unit(site, held[first : first + site.units], part)
            first += site.units
        for layer in self.candidates.layers:
            joined = layer.joined().to(held.device)
            count = int(joined.sum())
            # Scattered by index, since a mask of a mask cannot be vmapped.
            flat = torch.zeros(joined.numel(), dtype=torch.bool, device=held.device)
            where = joined.flatten().nonzero()[:, 0]
            edges = flat.index_put((where,), held[first : first + count]).reshape(joined.shape)
            changes |= self._edge(layer, edges, part)
            first += count
        return changes

    def _unit(self, site: Site, held: torch.Tensor, part: slice) -> Change:
        wide, kept = site.spread(held), self.values[site.place][part]
        return lambda value: torch.where(wide, kept, value)

    def _edge(self, layer: Layer, edges: torch.Tensor, part: slice) -> dict[Place, Change]:
        kept = self.values[layer.received][part]
        weights = on_weights(layer, edges) * weights_of(self.network, layer)
        current: list[torch.Tensor] = []

        def note(value: torch.Tensor) -> None:
            current.append(value)

        def add(value: torch.Tensor) -> torch.Tensor:
            return value + act(self.network, layer, kept - current[-1], weights)

        return {layer.received: note, layer.returned: add}


def ranked_sets(scores: torch.Tensor, sizes: Sequence[float]) -> torch.Tensor:
    """Return, for each share of all candidates, the set of those with the largest scores.

    Parameters
    ----------
    scores
        Shape (count,); ties in the order of the candidates.
    sizes
        Shares in 0 to 1; of a share above 0 at least one is taken.

    Returns
    -------
    Tensor
        bool, (sizes, count).
    """
    order = torch.argsort(scores, descending=True, stable=True)
    rank = torch.empty_like(order)
    rank[order] = torch.arange(len(order))
    counts = torch.tensor([counted(size, len(scores)) for size in sizes])
    return rank[None] < counts[:, None]


def counted(size: float, count: int) -> int:
    """Return how many of `count` candidates a share is.

    Raises
    ------
    ZollstockError
        If it is not in 0 to 1.
    """
    if not 0 <= size <= 1:
        raise ZollstockError("trace: sizes", f"hold {size:g}", "shares of 0 to 1", "Mend it.")
    return max(1, round(size * count)) if size else 0
