"""Draw a page of maps an image, the ranking of methods and the control."""

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from zollstock.figures.maps import Along, MapPage
from zollstock.figures.maps import Path as Drawn
from zollstock.figures.registry import OF_LOCATE
from zollstock.files import read_json
from zollstock.images.geometry import Geometry, geometry_of
from zollstock.images.labels import read_labels
from zollstock.images.table import ImageRecord, read_table
from zollstock.inference.predictions import predicted_classes
from zollstock.jobs.drawing import Data, DrawnStudy, Files, draw, ready_to_draw
from zollstock.locate.kept import at_frame, find_maps
from zollstock.locate.names import EXACT, PATH, PICTURE, PROPERTY
from zollstock.locate.parts import parts_of
from zollstock.locate.subjects import ends_of
from zollstock.manifests import read_manifest, store_of
from zollstock.parquet import read_parquet
from zollstock.scoring.follow import chosen_of_pictures
from zollstock.scoring.outputs import Spelled, parse_output
from zollstock.store import PathStore, iterate_paths

Map = npt.NDArray[np.float32]
_TEXT = {"method", "model", "property", "fill", "measure", "predictor"}
_TEXT |= {"other", "segments", "samples", "attribute", "per", "evaluated"}


def draw_locate(
    *,
    figures: Sequence[str],
    files: Files,
    folder: Path,
    maps: Path,
    pictures: Sequence[Path],
    titles: Mapping[str, str],
    methods: Mapping[str, Sequence[str]],
    output: Spelled,
    world: str,
    study: DrawnStudy,
) -> None:
    """Draw figures of the stage `locate`.

    Parameters
    ----------
    figures
        Names of entries of `zollstock.figures.registry.OF_LOCATE`.
    files
        Inputs by name, those that the figures need.
    folder
        The study's figures.
    maps
        Folder with a folder of maps a model.
    pictures
        What each model says of the images themselves.
    titles
        Property → what it is called in figures, in the order of the manifests.
    methods
        Model → its methods.
    output
        What is followed.
    world
        Name of the drawn world.
    study
        What all figures of the study agree on.
    """
    data = LocateData(files, study, titles, maps, pictures, methods, output, world)
    with ready_to_draw():
        for figure in OF_LOCATE:
            if figure.name in figures:
                draw(figure, data, figure.name, folder)


class LocateData(Data):
    """What figures of the stage are drawn from."""

    def __init__(
        self,
        files: Files,
        study: DrawnStudy,
        titles: Mapping[str, str],
        maps: Path,
        pictures: Sequence[Path],
        methods: Mapping[str, Sequence[str]],
        output: Spelled,
        world: str,
    ) -> None:
        super().__init__(files, study)
        self.titles, self._maps, self._methods = titles, maps, methods
        self._pictures = list(pictures)
        self._followed, self._world = parse_output(output), world

    @cached_property
    def ranking(self) -> pd.DataFrame:
        """Means of every measure and method."""
        return self.table("ranking", _TEXT)

    @cached_property
    def control(self) -> pd.DataFrame:
        """What methods say of every model before and after."""
        return self.table("control", _TEXT)

    @cached_property
    def flips(self) -> pd.DataFrame:
        """Who foretells changed decisions."""
        return self.table("flips", _TEXT)

    @cached_property
    def likeness(self) -> pd.DataFrame:
        """How alike the maps of any two methods are."""
        return self.table("likeness", _TEXT)

    @cached_property
    def combinations(self) -> pd.DataFrame:
        """How good every combination of a grid of methods is."""
        return self.table("combinations", _TEXT)

    @property
    def map_pages(self) -> Iterator[MapPage]:
        """A page an image, read when it is drawn."""
        judged = pd.concat(map(read_parquet, self.files["maps"]), ignore_index=True)
        for record in self._shown(judged):
            yield self._page(record, judged[judged["image"] == record.id])

    @cached_property
    def _records(self) -> list[ImageRecord]:
        return read_table(self.file("images"), self.file("pixels"))

    def _shown(self, judged: pd.DataFrame) -> list[ImageRecord]:
        """Return the images that have a page."""
        seen = set(judged["image"])
        return [record for record in self._records if record.id in seen][: self.max_images]

    def _page(self, record: ImageRecord, judged: pd.DataFrame) -> MapPage:
        found = {}
        told = set(zip(judged["model"], judged["method"], strict=True))
        for model in self.models:
            for method in self._methods[model]:
                must = (model, method) in told
                kept = find_maps(self._maps / model, method, record.id, noted=must)
                values = None if kept is None else at_frame(*kept, PICTURE)
                if values is not None:
                    found[model, method] = values
        methods = [
            name
            for name in dict.fromkeys(name for one in self._methods.values() for name in one)
            if any(method == name for _, method in found)
        ]
        paths = [self._path(record, name, judged) for name in self.titles]
        return MapPage(
            record.id,
            {model: self._words(model, record.id) for model in self.models},
            record.pixels(),
            self.models,
            methods,
            found,
            [path for path in paths if path is not None],
            self._seen,
        )

    @cached_property
    def _seen(self) -> dict[str, Geometry]:
        """How each model resizes and crops."""
        cards = [read_json(file) for file in self.files["cards"]]
        told = [geometry_of(card["preprocessing"]) for card in cards]
        return dict(zip(self.models, told, strict=True))

    def _path(self, record: ImageRecord, name: str, judged: pd.DataFrame) -> Drawn | None:
        manifest = self.files["manifests"][list(self.titles).index(name)]
        entry = next(
            (
                entry
                for entry in read_manifest(manifest)["images"]
                if entry["image"] == record.id and not entry["draw"] and "failed" not in entry
            ),
            None,
        )
        if entry is None:
            return None
        (path,) = (path for _, path in iterate_paths(PathStore(store_of(manifest)), [entry]))
        start, end = ends_of(path)
        mine = judged[judged["property"] == name]
        models = {}
        for model in self.models:
            kept = [
                find_maps(self._maps / model, method, record.id) for method in self._methods[model]
            ]
            kinds = [pair for pair in kept if pair is not None and pair[1].get("kind") == PROPERTY]
            gradient = at_frame(*kinds[0], f"{PATH} {name}") if kinds else None
            rows = mine[mine["model"] == model]
            known = (rows["method"] == EXACT) & (rows["measure"] == "change")
            change = rows[known]["value"]
            size, seen = start.shape[:2], self._seen[model]
            parts = parts_of(record, world=self._world, size=size, geometry=seen)
            models[model] = Along(
                gradient,
                float(change.iloc[0]) if len(change) else float("nan"),
                None if parts is None else _painted(parts, rows),
            )
        return Drawn(self.titles[name], start, end, models, name)

    def _words(self, model: str, image: str) -> str:
        """Return what is followed of a model on an image, as "P(dog)"."""
        chosen, classes = self._classes[model]
        place = chosen.get(image, -1)
        name = self._followed.of(classes[place] if place >= 0 else "")
        return f"P({name})" if self._followed.kind == "probability" else name

    @cached_property
    def _classes(self) -> dict[str, tuple[dict[str, int], tuple[str, ...]]]:
        labels = read_labels(self.file("images"))
        return {
            model: (chosen_of_pictures(root, self._followed, labels), predicted_classes(root))
            for model, root in zip(self.models, self._pictures, strict=True)
        }


def _painted(parts: tuple[list[str], Map], rows: pd.DataFrame) -> Map | None:
    """Return each pixel's parts' exact effects, (H, W), by their shares of the pixel."""
    names, shares = parts
    exact = rows[rows["method"] == EXACT].set_index("measure")["value"]
    effects = [float(exact.get(f"effect of {name}", np.nan)) for name in names]
    if not np.isfinite(effects).all():
        return None
    return np.tensordot(np.array(effects, np.float32), shares, axes=1)
