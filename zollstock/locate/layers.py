"""Layers of a network whose outputs are maps: found by themselves, or by name."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch

from zollstock.errors import ZollstockError, did_you_mean
from zollstock.locate.differentiable import GradientModel

_EXTRA = 16  # tokens before those of the patches: a class's, registers


@dataclass(frozen=True)
class Layer:
    """A layer with maps.

    Attributes
    ----------
    name
        Of the module.
    call
        Which of its calls in a pass: a module may be used at several places.
    grid
        Height and width of its maps.
    layout
        ``channels_first``: (N, C, h, w); ``channels_last``: (N, h, w, C); ``tokens``: (N, T, C).
    """

    name: str
    call: int
    grid: tuple[int, int]
    layout: str


@dataclass(frozen=True)
class _Call:
    name: str
    call: int
    result: torch.Tensor


def find_layer(model: GradientModel, pixels: torch.Tensor, name: str | None = None) -> Layer:
    """Return a layer with maps.

    Parameters
    ----------
    model
        The followed output.
    pixels
        One picture, (1, H, W, channels).
    name
        A module's name; None takes the last one whose maps the output hangs on: of a transformer
        the patches behind the last attention have no influence any more.

    Raises
    ------
    ZollstockError
        If there is no such layer, or it has no maps.
    """
    names = [one for one, _ in model.network.module.named_modules() if one]
    if name is not None and name not in names:
        raise ZollstockError(
            "locate: layer",
            f"is '{name}', which the model lacks",
            "the name of one of its layers",
            did_you_mean(name, names),
        )
    size = (int(pixels.shape[1]), int(pixels.shape[2]))
    with torch.enable_grad():
        value, calls = _recorded(model, pixels)
        for one in reversed(calls):
            found = _grid(tuple(one.result.shape), size)
            if found is None or (name is not None and one.name != name):
                continue
            layer = Layer(one.name, one.call, *found)
            if name is not None:
                return layer
            slope = torch.autograd.grad(
                value.sum(), one.result, retain_graph=True, allow_unused=True
            )[0]
            if slope is not None and bool(_as_maps(slope, layer).any()):
                return layer
    raise ZollstockError(
        "locate: layer",
        f"'{name}' has no maps" if name else "no layer with maps was found in a model",
        "a layer whose outputs lie in a grid over the picture",
        "Name another one with `layer:`." if names else "Use a method without layers.",
    )


def maps_of(
    model: GradientModel, pixels: torch.Tensor, layer: Layer
) -> tuple[torch.Tensor, torch.Tensor]:
    """Return a layer's maps and the gradient of the output by them, (N, C, h, w) each."""
    model.network.prepare(pixels)
    if model.network.single and len(pixels) > 1:
        found = [maps_of(model, one, layer) for one in pixels.split(1)]
        return torch.cat([maps for maps, _ in found]), torch.cat([slope for _, slope in found])
    with torch.enable_grad():
        value, calls = _recorded(model, pixels, layer.name)
        one = next(one for one in calls if one.call == layer.call)
        slope = torch.autograd.grad(value.sum(), one.result, allow_unused=True)[0]
    if slope is None:
        slope = torch.zeros_like(one.result)
    return _as_maps(one.result.detach(), layer), _as_maps(slope, layer)


def _recorded(
    model: GradientModel, pixels: torch.Tensor, name: str | None = None
) -> tuple[torch.Tensor, list[_Call]]:
    """Return the followed output, and what modules returned that it may hang on, in order."""
    model.network.prepare(pixels)  # unseen by the hooks
    leaf = pixels.detach().clone().requires_grad_()
    calls: list[_Call] = []
    with _listening(model.network.module, calls, name):
        value = model(leaf)
    return value, calls


@contextmanager
def _listening(module: torch.nn.Module, calls: list[_Call], only: str | None) -> Iterator[None]:
    counts: dict[str, int] = {}

    def hook(name: str) -> Any:  # noqa: ANN401
        def note(_: torch.nn.Module, __: Any, result: Any) -> None:  # noqa: ANN401
            counts[name] = counts.get(name, -1) + 1
            if isinstance(result, torch.Tensor) and result.requires_grad:
                calls.append(_Call(name, counts[name], result))

        return note

    handles = [
        one.register_forward_hook(hook(name))
        for name, one in module.named_modules()
        if name and (only is None or name == only)
    ]
    try:
        yield
    finally:
        for handle in handles:
            handle.remove()


def _grid(shape: tuple[int, ...], size: tuple[int, int]) -> tuple[tuple[int, int], str] | None:
    """Return the grid and layout of an output's maps; None where it has none."""
    if len(shape) == 4:
        for places, layout in (((2, 3), "channels_first"), ((1, 2), "channels_last")):
            grid = (shape[places[0]], shape[places[1]])
            if _fits(grid, size):
                return grid, layout
    if len(shape) == 3:
        for extra in range(_EXTRA):
            for height in range(2, size[0] + 1):
                width, rest = divmod(shape[1] - extra, height)
                if not rest and _fits((height, width), size, exact=True):
                    return (height, width), "tokens"
    return None


def _fits(grid: tuple[int, int], size: tuple[int, int], exact: bool = False) -> bool:
    """Return whether a grid lies over a picture: patches about as high as they are wide."""
    if min(grid) < 1 or max(grid) < 2 or grid[0] > size[0] or grid[1] > size[1]:
        return False
    sides = size[0] / grid[0], size[1] / grid[1]
    if exact:
        return sides[0] == sides[1] or int(sides[0]) == int(sides[1])
    # A row or column more or less, as padding makes them.
    return abs(sides[0] - sides[1]) <= max(sides) / max(2, min(grid)) + 1


def _as_maps(values: torch.Tensor, layer: Layer) -> torch.Tensor:
    """Return what a layer returned as (N, C, h, w)."""
    if layer.layout == "channels_first":
        return values
    if layer.layout == "channels_last":
        return values.permute(0, 3, 1, 2)
    height, width = layer.grid
    patches = values[:, -height * width :]
    return patches.transpose(1, 2).unflatten(2, (height, width))
