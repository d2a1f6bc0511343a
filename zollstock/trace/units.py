"""Units of a network: parts of what a layer returns or receives that may be held or replaced."""

import importlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn

from zollstock.entries import known_entries
from zollstock.errors import ZollstockError, did_you_mean
from zollstock.trace.layers import Wiring, find_wiring
from zollstock.trace.network import RECEIVED, RETURNED, Change, Network, Place, first_tensor, hooked


@dataclass(frozen=True)
class Site:
    """A place of the network and how what is there falls into units.

    Attributes
    ----------
    kind
        ``channels``, ``neurons``, ``heads`` or ``tokens``.
    place
        Where; see `zollstock.trace.network.Place`.
    units
        How many.
    axis
        The axis along which they lie, from the end.
    size
        Consecutive entries of that axis that make one unit.
    """

    kind: str
    place: Place
    units: int
    axis: int
    size: int = 1

    @property
    def name(self) -> str:
        """Path, call and, where it is no output, what it is."""
        path, call, side = self.place
        name = path if not call else f"{path}#{call + 1}"
        return name if side == RETURNED else f"{name} ({self.kind})"

    def spread(self, mask: torch.Tensor) -> torch.Tensor:
        """Return numbers of units, (…, units), so that they broadcast over what is there."""
        wide = mask.repeat_interleave(self.size, -1)
        return wide.reshape(*wide.shape, *[1] * (-self.axis - 1))

    def sums(self, values: torch.Tensor) -> torch.Tensor:
        """Return the sum over each unit, (N, …) → (N, units)."""
        found = values.movedim(self.axis, 1).flatten(2) if values.ndim > 2 else values[..., None]
        return found.unflatten(1, (self.units, self.size)).flatten(2).sum(-1)


@dataclass(frozen=True)
class Seen:
    """What one run of a network showed: modules, and the shapes that they received and returned."""

    modules: Mapping[str, nn.Module]
    shapes: Mapping[Place, tuple[int, ...]]
    wiring: Wiring


def known_kinds() -> list[str]:
    """Return the names of all kinds of units: the modules of `zollstock.trace.kinds`."""
    import zollstock.trace.kinds as registry

    return known_entries(registry)


def find_sites(
    network: Network,
    inputs: torch.Tensor,
    wiring: Wiring,
    kinds: Iterable[str] = ("channels", "neurons"),
) -> list[Site]:
    """Return the places of a network that have units of some kinds, in the order of its layers.

    Parameters
    ----------
    network, inputs
        What is looked at; of the inputs the first is run.
    wiring
        Of the network.
    kinds
        Of `known_kinds`.

    Raises
    ------
    ZollstockError
        If there is no such kind.
    """
    known = known_kinds()
    modules = dict(network.module.named_modules())
    seen = Seen(modules, _shapes(network, inputs[:1], modules), wiring)
    found: list[Site] = []
    for kind in kinds:
        if kind not in known:
            raise ZollstockError(
                "trace: kinds",
                f"names '{kind}'",
                f"one of {', '.join(known)}",
                did_you_mean(kind, known, "Choose one of these."),
            )
        found += importlib.import_module(f"zollstock.trace.kinds.{kind}").find(seen)
    order = {place: number for number, place in enumerate(seen.shapes)}
    return sorted(found, key=lambda site: order[site.place])


def inner_sites(
    network: Network, inputs: torch.Tensor, kinds: Iterable[str]
) -> tuple[Wiring, tuple[Site, ...]]:
    """Return a network's wiring, and its places with units but for the last layer, the answer."""
    wiring = find_wiring(network, inputs)
    last = wiring.layers[-1].returned
    found = find_sites(network, inputs, wiring, kinds)
    return wiring, tuple(site for site in found if site.place != last)


def read(
    network: Network, inputs: torch.Tensor, places: Iterable[Place]
) -> dict[Place, torch.Tensor]:
    """Return what is at places of a network for inputs, without gradients."""
    found: dict[Place, torch.Tensor] = {}

    def keep(place: Place) -> Change:
        def note(value: torch.Tensor) -> None:
            found[place] = value.detach().clone()  # an activation in place may follow

        return note

    changes = {place: keep(place) for place in places}
    with torch.no_grad(), hooked(network.module, changes):
        network.answer(inputs)
    missing = [place for place in changes if place not in found]
    if missing:
        raise ZollstockError(
            "trace",
            f"layer '{missing[0][0]}' is not called (call {missing[0][1] + 1})",
            "layers that every image passes",
            "Find the layers anew for this network.",
        )
    return found


def _shapes(
    network: Network, inputs: torch.Tensor, modules: Mapping[str, nn.Module]
) -> dict[Place, tuple[int, ...]]:
    """Return the shapes of what all calls of modules received and returned, in order."""
    shapes: dict[Place, tuple[int, ...]] = {}
    counts: dict[str, int] = {}

    def note(path: str) -> Any:  # noqa: ANN401
        def before(_: nn.Module, received: Any) -> None:  # noqa: ANN401
            counts[path] = counts.get(path, -1) + 1
            _note((path, counts[path], RECEIVED), received)

        def after(_: nn.Module, __: Any, returned: Any) -> None:  # noqa: ANN401
            _note((path, counts[path], RETURNED), returned)

        return before, after

    def _note(place: Place, value: Any) -> None:  # noqa: ANN401
        tensor = first_tensor(value)
        if isinstance(tensor, torch.Tensor):
            shapes[place] = tuple(tensor.shape)

    handles = []
    for path, module in modules.items():
        before, after = note(path)
        handles += [module.register_forward_pre_hook(before), module.register_forward_hook(after)]
    try:
        network.values(inputs)
    finally:
        for handle in handles:
            handle.remove()
    return shapes
