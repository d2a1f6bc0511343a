"""Where in a picture decisions come from: a page an image, with the maps of every method."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import matplotlib
import numpy as np
import numpy.typing as npt
from matplotlib.figure import Figure
from PIL import Image

from zollstock.figures.sheets import SIDE, Grid
from zollstock.figures.style import cut_name, fit_name, fold
from zollstock.images.geometry import Geometry
from zollstock.wording import two_digits

Map = npt.NDArray[np.float32]
Picture = npt.NDArray[np.uint8]

_COLOURS = "RdBu_r"
_PALE = 0.35
"""How much of the photograph shows through where a map is 0."""
_SHARED = 0.97  # of values that do not reach the full colour, where models share a unit
_NARROW = 0.6  # inches of a square in which words cannot be folded
_FEWEST = 5  # squares in a row that text above the figure has room in


class Along(NamedTuple):
    """What was found of one model along a property's path.

    Attributes
    ----------
    gradient
        The located property gradient, (H, W); None where there is none.
    change
        By how much the followed output changes from the first frame to the last.
    truth
        Exact Shapley values painted over the parts, (H, W); None where they are not known.
    """

    gradient: Map | None
    change: float
    truth: Map | None


@dataclass(frozen=True)
class Path:
    """A property's path of the image.

    Attributes
    ----------
    title
        Of the property.
    start, end
        uint8, (H, W, 3).
    models
        Model → what was found.
    name
        Of the property, as the config has it.
    """

    title: str
    start: Picture
    end: Picture
    models: Mapping[str, Along]
    name: str = ""


@dataclass(frozen=True)
class MapPage:
    """What is drawn of one image.

    Attributes
    ----------
    image, followed
        Its id, and what is followed, in words: "P(dog)".
    picture
        The unedited picture, uint8, (H, W, 3).
    models, methods
        In the order of rows and columns.
    maps
        (model, method) → map at the unedited picture, (H, W); absent where there is none.
    paths
        Of the properties.
    seen
        Model → how it resizes and crops; by default pictures are seen as they are.
    """

    image: str
    followed: Mapping[str, str]
    picture: Picture
    models: Sequence[str]
    methods: Sequence[str]
    maps: Mapping[tuple[str, str], Map]
    paths: Sequence[Path]
    seen: Mapping[str, Geometry] = field(default_factory=dict)

    def view(self, model: str, picture: Picture) -> Picture:
        """Return a picture as a model sees it: maps lie on that, and not on what it crops."""
        return self.seen.get(model, Geometry()).apply(picture[None])[0]


def coloured(values: Map, picture: Picture, largest: float | None = None) -> Picture:
    """Return a map over the grey picture: red raises the output, blue lowers it.

    Parameters
    ----------
    values
        Signed, (H, W). NaN stays grey.
    picture
        uint8, (H, W, 3), of any size.
    largest
        What full colour stands for; by default what 99.5 % of the absolute values are below.
    """
    size = (SIDE, SIDE)
    grey = np.asarray(Image.fromarray(picture).convert("L").resize(size), np.float32)
    found = np.nan_to_num(values.astype(np.float32))
    top = largest if largest is not None else nearly_largest(np.abs(found))
    share = np.asarray(Image.fromarray(found / top if top > 0 else found).resize(size))
    share = np.clip(share, -1, 1)
    colour = matplotlib.colormaps[_COLOURS]((share + 1) / 2)[..., :3] * 255
    # Pale where nothing is; the more a place counts, the less of the photograph is left.
    behind = 255 - _PALE * (255 - grey[..., None])
    weight = np.abs(share)[..., None] ** 0.5
    return np.asarray(weight * colour + (1 - weight) * behind, np.float32).round().astype(np.uint8)


def nearly_largest(
    size: npt.NDArray[np.float32] | npt.NDArray[np.float64], share: float = 0.995
) -> float:
    """Return what nearly all values are below: a single pixel would make all others pale."""
    top = float(np.quantile(size, share))
    return top if top > 0 else float(size.max())


def draw_maps(map_pages: Iterator[MapPage]) -> Iterator[tuple[str, Figure]]:
    """Draw a page an image: the methods' maps of it, then what happens along each property.

    Methods' maps are drawn in units of their own largest values, since they do not share one. What
    was found along a property is a change of the output for all models: its maps share a unit, so
    that a model that hardly moves is pale. Red raises what is followed, and blue lowers it.

    Parameters
    ----------
    map_pages
        One an image; they are drawn one after the other.
    """
    for page in map_pages:
        yield page.image, _page(page)


def _page(page: MapPage) -> Figure:
    columns = max(1 + len(page.methods), _FEWEST)
    models = len(page.models)
    names = [_named(page, model) for _ in range(1 + len(page.paths)) for model in page.models]
    lines = [0 if row % models else 2 if row < models else 4 for row in range(len(names))]
    grid = Grid(len(names), columns, lines=lines, between=8, names=names)
    for row, model in enumerate(page.models):
        picture = page.view(model, page.picture)
        grid.put(row, 0, picture)
        for column, method in enumerate(page.methods, start=1):
            found = page.maps.get((model, method))
            if found is None:
                grid.write_inside(row, column, "none")
            else:
                grid.put(row, column, coloured(found, picture))
    for column, words in enumerate(["unedited", *page.methods]):
        write_head(grid, 0, column, words)
    row = models
    for path in page.paths:
        units = _units(path)
        for place, model in enumerate(page.models):
            if place == 0:
                _heads_along(grid, row, path)
            ends = page.view(model, path.start), page.view(model, path.end)
            _draw_along(grid, row, ends, path, path.models.get(model), units)
            row += 1
    note = ": red raises what is followed, blue lowers it. Methods' maps have a unit each"
    note += "; along a property models share one." if page.paths else "."
    return grid.draw(page.image, note)


def _named(page: MapPage, model: str) -> str:
    """Return a model and what is followed of it, as a row's name."""
    return f"{cut_name(model, 18)} {cut_name(page.followed.get(model, ''), 18)}".strip()


def write_head(grid: Grid, row: int, column: int, words: str) -> None:
    """Write above a square, in two lines at most."""
    # Small squares have room for few letters: both ends of a name say more than its start.
    wide = 0.92 * grid.inch
    lines = fold(words, wide, 7) if grid.inch > _NARROW else [fit_name(words, wide, 7)]
    grid.write(row, column, "\n".join(lines))


def largest_of(size: Map) -> float:
    """Return what nearly all of a map's absolute values are below, where maps share a unit."""
    return nearly_largest(size, _SHARED)


def _units(path: Path) -> tuple[float, float]:
    """Return what full colour stands for, of located gradients and of exact effects."""
    found = [one for one in path.models.values() if one is not None]
    kinds = ([one.gradient for one in found], [one.truth for one in found])
    first, second = (
        max((largest_of(np.abs(one)) for one in maps), default=0.0)
        for maps in ([np.nan_to_num(one) for one in kind if one is not None] for kind in kinds)
    )
    return first, second


def _exact(path: Path) -> bool:
    """Return whether exact effects are known of any model."""
    return any(one.truth is not None for one in path.models.values())


def _heads_along(grid: Grid, row: int, path: Path) -> None:
    """Write what the squares of a property's rows are."""
    heads = ["first frame", "last frame", "located gradient"]
    heads += ["exact, by parts"] * _exact(path)
    if grid.inch <= _NARROW:
        # No square has room for its own words.
        told = f"{path.title}: {', '.join(heads)}"
        wide = grid.inch * (grid.canvas.shape[1] / SIDE - 0.6)
        grid.write(row, 0, "\n".join(fold(told, wide, 7)), ha="left")
        return
    wide = grid.inch * grid.canvas.shape[1] / SIDE
    grid.write_over(row, fold(path.title, wide - 0.1, 8, lines=1)[0], weight="bold")
    for column, words in enumerate(heads):
        write_head(grid, row, column, words)


def _draw_along(
    grid: Grid,
    row: int,
    ends: tuple[Picture, Picture],
    path: Path,
    found: Along | None,
    units: tuple[float, float],
) -> None:
    for column, picture in enumerate(ends):
        grid.put(row, column, picture)
    if found is None:
        grid.write_inside(row, 2, "none")
        return
    if found.gradient is not None:
        grid.put(row, 2, coloured(found.gradient, ends[0], units[0]))
    if found.truth is not None:
        grid.put(row, 3, coloured(found.truth, ends[0], units[1]))
    side = "left" if grid.inch <= _NARROW else "center"
    told = f"changes by\n{two_digits(found.change, sign=True)}"
    grid.write_inside(row, 4 if _exact(path) else 3, told, ha=side, fontsize=7)
