"""A made-up study that has been traced, of few layers or of many."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from zollstock.figures.conductance import Patch, UnitPage
from zollstock.trace.structure import Graph, Node

SIZES = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0)


@dataclass(frozen=True)
class Traced:
    """Tables of the stage `trace`.

    Attributes
    ----------
    models_, properties, title
        Which, and what each property is called.
    case
        The study, see `tests.unit.figures.extremes.Case`.
    """

    models_: list[str]
    properties: list[str]
    title: str
    case: Any

    @cached_property
    def names(self) -> list[str]:
        """Names of the layers: with many images as many as a ConvMixer has."""
        count = 54 if self.case.images > 100 else min(self.case.images, 5)
        return [self.case.named("l", number) for number in range(count)]

    @cached_property
    def classes(self) -> list[str]:
        return [self.case.output_of(number) for number in range(min(self.case.classes, 4))]

    @cached_property
    def wide(self) -> int:
        """Units of a layer."""
        return 40 if self.case.images > 100 else 8

    @property
    def layers(self) -> pd.DataFrame:
        rows = {"place": range(len(self.names)), "layer": self.names, "units": self.wide}
        rows |= {"inputs": self.wide, "depthwise": False}
        return pd.concat([pd.DataFrame({"model": model} | rows) for model in self.models_])

    @property
    def units(self) -> pd.DataFrame:
        share = np.sin(np.arange(len(self.names) * self.wide))
        rows = {
            "layer": np.repeat(self.names, self.wide),
            "kind": "channels",
            "unit": np.tile(range(self.wide), len(self.names)),
            "n": self.case.images,
            "share": share,
            "low": share - 0.1,
            "high": share + 0.1,
            "p": 0.01,
            "q": np.where(np.abs(share) > 0.2, 0.01, 0.2),
            "exact": share,
        }
        return pd.concat(
            [pd.DataFrame({"model": model, "property": p} | rows) for p, model in self._pairs]
        )

    @property
    def _pairs(self) -> list[tuple[str, str]]:
        """Those of which pages are drawn: the first two, of pages of their own."""
        return [(p, model) for p in self.properties for model in self.models_][:2]

    @property
    def edges(self) -> pd.DataFrame:
        rows = [
            {"property": p, "model": model, "parents": f"{above} + {self.names[0]}"}
            | {"parent": parent, "layer": below, "unit": child, "share": (-1) ** child / 10}
            for p, model in self._pairs
            for above, below in zip(self.names[:3], self.names[1:4], strict=False)
            for parent in range(self.wide)
            for child in range(self.wide)
        ]
        columns = ["property", "model", "parents", "parent", "layer", "unit", "share"]
        return pd.DataFrame(rows, columns=columns)

    @property
    def mediation(self) -> pd.DataFrame:
        found = {"removed": 0.9, "low": 0.8, "high": 1.0, "kept": 0.7, "kept_low": 0.5}
        found |= {"kept_high": 0.9, "random_mean": 0.2, "random_low": 0.1, "random_high": 0.3}
        found |= {f"random_kept_{key}": 0.1 for key in ("mean", "low", "high")}
        found |= {"of": "units", "method": "conductance", "found_on": 100, "images": 100}
        rows = [
            {"property": p, "model": model, "size": size, "whole": 0.0123, "held_out": True} | found
            for p in self.properties[:2]
            for model in self.models_
            for size in SIZES
        ]
        return pd.DataFrame(rows)

    @property
    def graphs(self) -> pd.DataFrame:
        found = {"nodes": 79, "units": 226, "keep": 1.0, "remove": 0.058, "random_keep": 0.231}
        found |= {"random_remove": 0.7, "held_out": False, "fallbacks": ""}
        rows = [
            {"model": model, "class": name, "index": index} | found
            for model in self.models_
            for index, name in enumerate(self.classes)
        ]
        return pd.DataFrame(rows)

    @property
    def stability(self) -> pd.DataFrame:
        rows = [
            {"model": model, "class": name, "layer": layer, "kind": kind, "strength": strength}
            | {"jaccard": 0.7, "appearance": 0.8, "selected": 5, "size": 4.0}
            for model in self.models_
            for name in self.classes
            for layer in self.names[:2]
            for kind, strength in (("images", np.nan), ("noise", 0.0), ("noise", 0.4))
        ]
        return pd.DataFrame(rows)

    @property
    def class_graphs(self) -> Iterator[tuple[str, str, Graph, Mapping[str, int]]]:
        units = dict.fromkeys(self.names, self.wide)
        nodes = [Node(self.names[-1], 0, 3.2, 1.0, np.nan, np.nan)]
        nodes += [
            Node(layer, unit, np.cos(unit), 0.1 * np.cos(unit), 0.01, 0.02)
            for layer in self.names[:-1]
            for unit in range(self.wide)
        ]
        edges = tuple((parent, 0) for parent in range(1, len(nodes)))
        graph = Graph(tuple(nodes), edges, {})
        return ((model, name, graph, units) for model in self.models_ for name in self.classes)

    @property
    def unit_pages(self) -> Iterator[UnitPage]:
        units = self.units
        grey = np.full((9, 9, 3), 90, np.uint8)
        patches = [Patch(image, grey, grey + 90) for image in self.case.images_[:4]]
        for p, model in self._pairs:
            mine = units[(units["property"] == p) & (units["model"] == model)]
            best = [(dict(row), patches) for row in mine.head(6).to_dict("records")]
            yield UnitPage(f"{p}-{model}", f"{self.title}: {model}", self.names, mine, best, 0.0087)
