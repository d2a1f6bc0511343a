"""Maps of a model before and after its repairs, beside each other."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

import numpy as np
from matplotlib.figure import Figure

from zollstock.figures.maps import Map, MapPage, Picture, coloured, largest_of, write_head
from zollstock.figures.sheets import Grid

_MOST = 5
"""Maps in a row, so that there is room for the methods' names."""
_ROWS = 6
"""Of a sheet; but two images are there in any case."""


@dataclass(frozen=True)
class MapSheet:
    """What one method of `locate` says of a model, before and after each repair.

    Attributes
    ----------
    name, title
        Of the page, and above it.
    repairs
        "before", then the methods of repair, in the order of columns.
    rows
        Image → its picture as the model sees it, and its map by repair.
    shared
        Whether the maps of an image share a unit, since they are changes of one output.
    """

    name: str
    title: str
    repairs: Sequence[str]
    rows: Mapping[str, tuple[Picture, Mapping[str, Map]]]
    shared: bool


def sheets_of(
    base: str, repairs: Mapping[str, str], pages: Iterable[MapPage]
) -> Iterator[MapSheet]:
    """Yield the sheets of a model: one a method of `locate`, then one a property's path.

    Parameters
    ----------
    base
        The model.
    repairs
        Model, this one or one that it became → what its column is called.
    pages
        What `locate` says of them, an image each.
    """
    some = list(islice(pages, max(2, _ROWS // -(-len(repairs) // _MOST))))
    columns = list(repairs.values())
    for method in dict.fromkeys(name for page in some for name in page.methods):
        rows = {}
        for page in some:
            known = {model: page.maps.get((model, method)) for model in repairs}
            rows[page.image] = page.view(base, page.picture), _named(known, repairs)
        yield MapSheet(f"{base}-{method}", f"{base}: {method}", columns, rows, shared=False)
    for name, title in dict.fromkeys(
        (path.name, path.title) for page in some for path in page.paths
    ):
        rows = {}
        for page in some:
            for path in (one for one in page.paths if one.name == name):
                known = {model: found.gradient for model, found in path.models.items()}
                rows[page.image] = page.view(base, path.start), _named(known, repairs)
        words = f"{base}: located gradient along {title}"
        yield MapSheet(f"{base}-along-{name}", words, columns, rows, shared=True)


def _named(maps: Mapping[str, Map | None], repairs: Mapping[str, str]) -> dict[str, Map]:
    found = {called: maps.get(model) for model, called in repairs.items()}
    return {called: values for called, values in found.items() if values is not None}


def draw_repaired_maps(map_sheets: Iterable[MapSheet]) -> Iterator[tuple[str, Figure]]:
    """Draw maps before and after repairs, an image below the other, a page a sheet.

    Located gradients of an image share a unit: where the output moves less after a repair the map
    is paler. Maps of other methods have a unit each, and say where, not how much.

    Parameters
    ----------
    map_sheets
        Drawn one after the other.
    """
    for sheet in map_sheets:
        if any(maps for _, maps in sheet.rows.values()):
            yield sheet.name, _drawn(sheet)


def _drawn(sheet: MapSheet) -> Figure:
    count = -(-len(sheet.repairs) // _MOST)
    each = -(-len(sheet.repairs) // count)
    names = [name for image in sheet.rows for name in (image, *[""] * (count - 1))]
    grid = Grid(len(names), 1 + max(each, 4), lines=2, between=8, names=names)
    for number, (picture, maps) in enumerate(sheet.rows.values()):
        grid.put(count * number, 0, picture)
        write_head(grid, count * number, 0, "first frame" if sheet.shared else "unedited")
        unit = None
        if sheet.shared:
            unit = max((largest_of(np.abs(np.nan_to_num(one))) for one in maps.values()), default=0)
        for place, repair in enumerate(sheet.repairs):
            row, column = count * number + place // each, 1 + place % each
            write_head(grid, row, column, repair.replace("_", " "))
            if repair in maps:
                grid.put(row, column, coloured(maps[repair], picture, unit))
            else:
                grid.write_inside(row, column, "none")
    note = ": red raises what is followed, blue lowers it. "
    note += "Maps of an image share a unit." if sheet.shared else "Each map has a unit of its own."
    return grid.draw(sheet.title, note)
