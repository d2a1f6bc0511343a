"""Maps from causal graphs beside a random graph's and those of other methods."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from zollstock.figures.maps import Map, Picture, coloured, write_head
from zollstock.figures.measures import draw_measures
from zollstock.figures.sheets import Grid
from zollstock.trace.maps import GRAPH, RANDOM_GRAPH

_PANELS = {
    "srg": "SRG: right is better",
    "irof": "IROF: left is better",
    "lipschitz": "Lipschitz: left is better",
}
_MOST = 7
"""Maps in a row, so that there is room for the methods' names."""


@dataclass(frozen=True)
class AttributionPage:
    """What is drawn of one class in one model.

    Attributes
    ----------
    name, title
        Of the page, and above it.
    images
        What each is called.
    pictures
        As the model sees them, uint8, (H, W, 3).
    methods
        In the order of columns.
    maps
        Of each image by method, (H, W).
    """

    name: str
    title: str
    images: Sequence[str]
    pictures: Sequence[Picture]
    methods: Sequence[str]
    maps: Sequence[Mapping[str, Map]]


def draw_attributions(attribution_ranking: pd.DataFrame) -> Figure:
    """Draw every method's mean and 95 % interval by SRG, IROF and the Lipschitz estimate.

    Parameters
    ----------
    attribution_ranking
        Table of the stage `trace`.
    """
    # Each model has a colour of its own, as properties have in the figure of `locate`.
    table = attribution_ranking.assign(fill="", property=attribution_ranking["model"])
    models = {name: name for name in dict.fromkeys(table["model"])}
    return draw_measures(table, _PANELS, models, RANDOM_GRAPH)


def draw_attribution_maps(
    attribution_pages: Iterable[AttributionPage],
) -> Iterator[tuple[str, Figure]]:
    """Draw the maps of a class's images, a page a class and model: an image below the other.

    Maps from graphs say where a graph looks, and of no place that it holds the logit down: what is
    drawn is how far they are above their median.

    Parameters
    ----------
    attribution_pages
        Drawn one after the other.
    """
    for page in attribution_pages:
        rows = -(-len(page.methods) // _MOST)
        each = -(-len(page.methods) // rows)
        names = [name for image in page.images for name in (image, *[""] * (rows - 1))]
        grid = Grid(len(names), 1 + each, lines=2, between=8, names=names)
        for number, (picture, maps) in enumerate(zip(page.pictures, page.maps, strict=True)):
            grid.put(rows * number, 0, picture)
            write_head(grid, rows * number, 0, "picture")
            for place, method in enumerate(page.methods):
                row, column = rows * number + place // each, 1 + place % each
                write_head(grid, row, column, method.replace("_", " "))
                found = maps.get(method)
                if found is None:
                    grid.write_inside(row, column, "none")
                else:
                    grid.put(row, column, coloured(_shown(method, found), picture))
        note = (
            ": red holds it up, blue down, each map in its own unit; of graphs where they look, as "
            "far as above the median"
        )
        yield page.name, grid.draw(page.title, note)


def _shown(method: str, values: Map) -> Map:
    if method not in (GRAPH, RANDOM_GRAPH):
        return values
    return np.asarray(np.clip(values - np.nanmedian(values), 0, None), np.float32)
