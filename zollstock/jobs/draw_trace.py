"""Draw which units carry properties, what holding them does, and the graphs of classes."""

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from zollstock.errors import ZollstockError
from zollstock.figures.attributions import AttributionPage
from zollstock.figures.conductance import Patch, UnitPage
from zollstock.figures.registry import OF_TRACE
from zollstock.images.reading import UnusableImage, read_rgb
from zollstock.jobs.drawing import Data, DrawnStudy, Files, draw, ready_to_draw
from zollstock.locate.kept import at_frame, find_maps
from zollstock.locate.subjects import ends_of
from zollstock.manifests import read_manifest, store_of
from zollstock.parquet import read_parquet
from zollstock.store import PathStore, iterate_paths
from zollstock.trace.exchange import read_json
from zollstock.trace.maps import GRAPH, MAPS, PICTURES, RANDOM_GRAPH
from zollstock.trace.structure import Graph

_TEXT = {"model", "property", "class", "layer", "kind", "method", "of", "rule", "split"}
_TEXT |= {"fallbacks", "held_out", "measure"}
_CHANNELS, _PATCHES = 6, 4
_LEAST = 9  # pixels of a patch


def draw_trace(
    *,
    figures: Sequence[str],
    files: Files,
    folder: Path,
    titles: Mapping[str, str],
    traced: Sequence[str],
    study: DrawnStudy,
) -> None:
    """Draw figures of the stage `trace`.

    Parameters
    ----------
    figures
        Names of entries of `zollstock.figures.registry.OF_TRACE`.
    files
        Inputs by name, those that the figures need.
    folder
        The study's figures.
    titles
        Property → what it is called in figures, in the order of the manifests.
    traced
        The models that were looked into.
    study
        What all figures of the study agree on.
    """
    data = TraceData(files, study, titles, traced)
    with ready_to_draw():
        for figure in OF_TRACE:
            if figure.name in figures:
                draw(figure, data, figure.name, folder)


class TraceData(Data):
    """What figures of the stage are drawn from."""

    def __init__(
        self, files: Files, study: DrawnStudy, titles: Mapping[str, str], traced: Sequence[str]
    ) -> None:
        super().__init__(files, study)
        self.titles, self._traced = titles, list(traced)

    def _csv(self, name: str) -> pd.DataFrame:
        table = self.table(name, _TEXT)
        if "held_out" in table:
            table["held_out"] = table["held_out"] == "True"
        return table

    @cached_property
    def layers(self) -> pd.DataFrame:
        """Layers of all models."""
        return read_parquet(self.file("layers"))

    @cached_property
    def units(self) -> pd.DataFrame:
        """Shares of all units."""
        return read_parquet(self.file("units"))

    @cached_property
    def edges(self) -> pd.DataFrame:
        """The edges with the largest shares."""
        return read_parquet(self.file("edges"))

    @cached_property
    def mediation(self) -> pd.DataFrame:
        """What sets do."""
        return self._csv("mediation")

    @cached_property
    def graphs(self) -> pd.DataFrame:
        """What the graphs of classes are worth."""
        return self._csv("graphs")

    @cached_property
    def stability(self) -> pd.DataFrame:
        """Whether they are found again."""
        return self._csv("stability")

    @property
    def class_graphs(self) -> Iterator[tuple[str, str, Graph, Mapping[str, int]]]:
        """Every graph, read when it is drawn."""
        for model, root in zip(self._traced, self.files["traces"], strict=True):
            layers = self.layers[self.layers["model"] == model].sort_values("place")
            units = dict(zip(layers["layer"], map(int, layers["units"]), strict=True))
            mine = self.graphs[self.graphs["model"] == model]
            for row in mine.to_dict("records"):
                yield model, str(row["class"]), graph_of(root, row), units

    @cached_property
    def attribution_ranking(self) -> pd.DataFrame:
        """How good maps from graphs and of methods are."""
        return self._csv("attribution_ranking")

    @property
    def attribution_pages(self) -> Iterator[AttributionPage]:
        """A page a class and model, read when it is drawn."""
        judged = read_parquet(self.file("attributions"))
        for model, root in zip(self._traced, self.files["traces"], strict=True):
            mine = judged[judged["model"] == model]
            for (index, name), rows in mine.groupby(["index", "class"], sort=False):
                # As the job called it, whatever of the class's name a file's may have.
                place = _made_one(root / PICTURES, f"{int(index)}-*")
                known = set(rows["method"])
                methods = [GRAPH, RANDOM_GRAPH]
                methods += [one for one in dict.fromkeys(rows["method"]) if one not in methods]
                numbers = [str(int(number)) for number in dict.fromkeys(rows["image"])]
                yield AttributionPage(
                    f"{model}-{int(index)}",
                    f"the logit of '{name}' in {model}",
                    [f"image {int(number) + 1}" for number in numbers],
                    [_picture(place / f"{number}.png") for number in numbers],
                    [one for one in methods if one in known],
                    [_maps(root / MAPS, place.name, number, methods) for number in numbers],
                )

    @property
    def unit_pages(self) -> Iterator[UnitPage]:
        """A page a property and model, read when it is drawn."""
        cuts = read_parquet(self.file("cuts"))
        patches = read_parquet(self.file("patches"))
        for (prop, model), units in self.units.groupby(["property", "model"], sort=False):
            there = self.layers[self.layers["model"] == model].sort_values("place")
            known = set(units["layer"])
            layers = [name for name in there["layer"] if name in known]
            # Places that are no layer's output, such as heads, come behind.
            layers += [name for name in dict.fromkeys(units["layer"]) if name not in layers]
            mine = patches[(patches["property"] == prop) & (patches["model"] == model)]
            yield UnitPage(
                f"{prop}-{model}",
                f"{self.titles[str(prop)]}: which units of {model} carry it",
                layers,
                units,
                self._best(str(prop), units, mine),
                _incomplete(cuts[(cuts["property"] == prop) & (cuts["model"] == model)]),
            )

    def _best(
        self, prop: str, units: pd.DataFrame, patches: pd.DataFrame
    ) -> list[tuple[Mapping[str, float | str], list[Patch]]]:
        keys = list(dict.fromkeys(zip(patches["layer"], patches["unit"], strict=True)))
        rows = units.set_index(["layer", "unit"])
        keys = sorted(keys, key=lambda key: -abs(float(rows.loc[key, "share"])))[:_CHANNELS]
        found: list[tuple[Mapping[str, float | str], list[Patch]]] = []
        for layer, unit in keys:
            mine = patches[(patches["layer"] == layer) & (patches["unit"] == unit)]
            row = {"layer": layer, "unit": float(unit)} | dict(rows.loc[(layer, unit)])
            cut = [self._patch(prop, one) for one in mine.head(_PATCHES).to_dict("records")]
            found.append((row, [patch for patch in cut if patch is not None]))
        return found

    def _patch(self, prop: str, row: Mapping[str, Any]) -> Patch | None:
        frames = self._ends(prop).get(str(row["image"]))
        if frames is None:
            return None
        start, end = frames
        # A place of a map is fed by more than itself: three times its side.
        half = max(_LEAST, round(3 * row["side"] * len(start))) / 2

        def cut(picture: np.ndarray) -> np.ndarray:
            return picture[_span(row["y"], half, len(picture))][
                :, _span(row["x"], half, picture.shape[1])
            ]

        return Patch(str(row["image"]), cut(start), cut(end))

    def _ends(self, prop: str) -> dict[str, tuple[np.ndarray, np.ndarray]]:
        """Return the first and the last frame of each image that patches are of."""
        if prop not in self._kept:
            manifest = self.files["manifests"][list(self.titles).index(prop)]
            patches = read_parquet(self.file("patches"))
            wanted = set(patches.loc[patches["property"] == prop, "image"])
            entries = [
                entry
                for entry in read_manifest(manifest)["images"]
                if entry["image"] in wanted and not entry["draw"] and "failed" not in entry
            ]
            found = {}
            paths = iterate_paths(PathStore(store_of(manifest)), entries)
            for entry, (_, path) in zip(entries, paths, strict=True):
                found[entry["image"]] = ends_of(path)
            self._kept[prop] = found
        return self._kept[prop]

    @cached_property
    def _kept(self) -> dict[str, dict[str, tuple[np.ndarray, np.ndarray]]]:
        return {}


def graph_of(root: Path, row: Mapping[str, Any]) -> Graph:
    """Return the causal graph of a row of a model's table of graphs.

    Parameters
    ----------
    root
        Folder of what was traced in the model.
    row
        With ``index`` of the class and the number of ``nodes``.

    Raises
    ------
    ZollstockError
        If it is lost, harmed or another class's.
    """
    file = _made_one(root / "graphs", f"{int(row['index'])}-*.json")
    graph = read_json(file)
    if (graph.nodes[0].unit, len(graph.nodes) - 1) != (int(row["index"]), int(row["nodes"])):
        raise _harmed(file, "is another class's")
    return graph


def _made_one(folder: Path, pattern: str) -> Path:
    """Return the one file or folder that was made for a row of a table."""
    found = list(folder.glob(pattern))
    if len(found) != 1:
        raise _harmed(folder / pattern, "is there twice" if found else "is missing")
    return found[0]


def _picture(file: Path) -> np.ndarray:
    try:
        return read_rgb(file)
    except UnusableImage as reason:
        raise _harmed(file, str(reason)) from None


def _harmed(file: Path, found: str) -> ZollstockError:
    return ZollstockError(
        file,
        found,
        "what was traced, as a table speaks of it",
        "Run again with --forcerun trace_model. Of an archive, unpack it again.",
    )


def _maps(root: Path, place: str, number: str, methods: Sequence[str]) -> dict[str, np.ndarray]:
    kept = find_maps(root, place, number, rule="trace_model", noted=True)
    found = {} if kept is None else {one: at_frame(*kept, one) for one in methods}
    return {name: values for name, values in found.items() if values is not None}


def _span(middle: float, half: float, size: int) -> slice:
    first = int(np.clip(round(middle * size - half), 0, max(0, size - round(2 * half))))
    return slice(first, min(size, first + round(2 * half)))


def _incomplete(cuts: pd.DataFrame) -> float:
    """Return by how much the sums at a cut miss what all paths do together, the largest of cuts.

    Not path by path: of one that hardly moves what is missing is rounding.
    """
    scale = np.maximum(cuts["change"].abs(), cuts["variation"])
    sums = pd.DataFrame({"after": cuts["after"], "error": cuts["error"].abs(), "scale": scale})
    of_cut = sums.groupby("after")[["error", "scale"]].sum()
    of_cut = of_cut[of_cut["scale"] > 0]
    return float((of_cut["error"] / of_cut["scale"]).max()) if len(of_cut) else float("nan")
