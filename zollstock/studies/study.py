"""``Study.load("results/mine")``: a finished study as tables, arrays and figures."""

from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
from matplotlib.figure import Figure

from zollstock.errors import ZollstockError
from zollstock.inference.predictions import Predictions, read_predictions
from zollstock.manifests import PICTURES
from zollstock.paths import EditPath
from zollstock.scoring.follow import Followed, follow_stored
from zollstock.scoring.outputs import Spelled, parse_output
from zollstock.store import PathStore, iterate_paths
from zollstock.studies.arrays import curve_as_series, path_as_array, predictions_as_dataset
from zollstock.studies.drawing import Drawer
from zollstock.studies.folder import PARTS, Missing, StudyFolder, open_folder
from zollstock.studies.stages import StudyStages

if TYPE_CHECKING:
    from xarray import DataArray, Dataset

    from zollstock.models.card import Model


class Study(StudyStages):
    """A finished study. Make one with `load`.

    Reading it changes nothing in it, and runs nothing of it: its settings are data, and what lies
    in it is compared with the checksums that were written with it. Where a study is not finished,
    what is there is read; what is not says which command makes it.

    Parameters
    ----------
    folder
        See `zollstock.studies.folder.open_folder`.

    Attributes
    ----------
    folder
        The study's folder of results.

    Examples
    --------
    >>> study = Study.load("results/pets")                       # doctest: +SKIP
    >>> study.headline()                                         # doctest: +SKIP
    >>> study.curve("fur_lightness", "dog_0000", "dark_cats")    # doctest: +SKIP
    >>> study.plot("fur_lightness/response")                     # doctest: +SKIP
    """

    def __init__(self, folder: StudyFolder) -> None:
        super().__init__(folder)
        self._followed: dict[tuple[str, str, str], Followed] = {}

    @classmethod
    def load(cls, folder: str | Path) -> "Study":
        """Open ``results/<study>``.

        Raises
        ------
        ZollstockError
            If no study lies there.
        """
        return cls(open_folder(folder))

    def __repr__(self) -> str:
        counts = [
            f"{len(self.properties)} properties",
            f"{len(self.models)} models",
            *(["unfinished"] if self.missing else []),
        ]
        return f"<Study {self.name}: {', '.join(counts)}>"

    # --- what is in it --------------------------------------------------------------------

    @property
    def name(self) -> str:
        """The study's name."""
        return self._at.name

    @property
    def settings(self) -> Mapping[str, Any]:
        """What was asked for, defaults filled in; empty while the study is not finished."""
        return self._at.settings

    @property
    def properties(self) -> list[str]:
        """Names of the properties, grids of two among them."""
        return self._at.properties

    @property
    def models(self) -> list[str]:
        """Names of the models."""
        return self._at.models

    @property
    def repaired(self) -> list[str]:
        """Names of models that were repaired, ``<model>.<method>.<seed>``."""
        return self._at.repaired

    @property
    def missing(self) -> list[Missing]:
        """What every finished study has and this one lacks, with the command that makes it."""
        return [self._at.missing(part) for part, (file, *_) in PARTS.items() if not self._has(file)]

    def _has(self, file: str) -> bool:
        return (self.folder / file).exists()

    def model(self, name: str, *, trusted: bool = False) -> "Model":
        """Load a model of the study, as `zollstock.explain` takes it.

        Parameters
        ----------
        name
            One of `models` or `repaired`.
        trusted
            That you trust whoever made the study. Some models are code: one that a function of
            the user's builds is imported from the folder you run in, and an exported program runs.

        Raises
        ------
        ZollstockError
            If it is not there, is not what its card speaks of, or is code and not trusted.
        """
        from zollstock.models.card import load_model  # torch, which tables and figures need not
        from zollstock.models.registry import is_code

        self._check_model(name)
        card = f"models/{name}.json"
        file = self._at.need(card, f"the model '{name}'", self._at.results_of(card))
        family = str(self.card(name).get("family"))
        if is_code(family) and not trusted:
            raise ZollstockError(
                file,
                f"is of the family '{family}', whose models are code that would run",
                "a study that you trust",
                "If you do, say so: model(name, trusted=True).",
            )
        return load_model(file.with_suffix(".safetensors"), file)

    # --- arrays -----------------------------------------------------------------------------

    def frames(self, name: str, image: str, draw: int = 0) -> EditPath:
        """Return a path of a property: ``frames`` (S, H, W, 3), ``axis`` (S,), ``unedited``.

        Parameters
        ----------
        name
            The property.
        image
            Its id.
        draw
            Which of its replicates.

        Raises
        ------
        ZollstockError
            If there is no such path, or it was harmed since it was made.
        """
        self._check_property(name)
        self._at.check(image, list(self._records), "image")
        manifest = self._at.manifest(name)
        file = self._at.manifest_file(name)
        entries = [
            entry
            for entry in manifest["images"]
            if entry["image"] == image and entry["draw"] == draw
        ]
        reason = entries[0].get("failed") if entries else "there is no such draw"
        if reason is not None:
            raise ZollstockError(
                f"study '{self.name}', property '{name}', image '{image}', draw {draw}",
                f"has no frames: {reason}",
                "a path that was made",
                "Take another image or draw.",
            )
        store = PathStore(file.parent / manifest["store"], shape=manifest["shape"])
        ((_, path),) = iterate_paths(store, entries)
        return path

    def frames_array(self, name: str, image: str, draw: int = 0) -> "DataArray":
        """Return a path's frames with named dimensions (xarray); as `frames`."""
        return path_as_array(self.frames(name, image, draw), name, image=image, study=self.name)

    def predictions(self, name: str, model: str) -> "Dataset":
        """Return what a model says along a property (xarray), by image, draw, step and class.

        `predicted` returns the same as NumPy arrays.
        """
        found = self.predicted(name, model)
        images = list(dict.fromkeys(found.images))
        return predictions_as_dataset(found, images, property=name, model=model, study=self.name)

    def predicted(self, name: str, model: str) -> Predictions:
        """Return what a model says along a property; its pictures themselves are ``pictures``.

        Raises
        ------
        ZollstockError
            If it was not predicted yet, or is not what was written.
        """
        if name != PICTURES:
            self._check_property(name)
        self._check_model(model)
        return read_predictions(self._at.predictions(name, model))

    def curve(
        self,
        name: str,
        image: str,
        model: str,
        draw: int = 0,
        output: Spelled | None = None,
    ) -> pd.Series:
        """Return the followed output of a model along one path, by the property's value.

        Parameters
        ----------
        name, image, model, draw
            Which.
        output
            What is followed; by default what the study's headline follows.
        """
        self._check_property(name)
        self._check_model(model)
        followed = self._follow(name, model, output)
        rows = [
            row
            for row, (found, number) in enumerate(zip(followed.images, followed.draws, strict=True))
            if (found, number) == (image, draw)
        ]
        if not rows:
            self._at.check(image, list(self._records), "image")
            raise ZollstockError(
                f"study '{self.name}', property '{name}', image '{image}'",
                f"has no draw {draw}",
                f"one of {sorted(set(followed.draws))}",
                "Take another.",
            )
        return curve_as_series(followed, rows[0], name, model)

    def curves(self, name: str, image: str, draw: int = 0) -> pd.DataFrame:
        """Return the curves of all models on one path, a column each; as `curve`."""
        return pd.concat([self.curve(name, image, model, draw) for model in self.models], axis=1)

    def _follow(self, name: str, model: str, output: Spelled | None) -> Followed:
        what = self.output if output is None else output
        key = (name, model, str(what))
        if key not in self._followed:
            labels = {record.id: record.label for record in self._records.values()}
            root = self._at.predictions(name, model)
            self._followed[key] = follow_stored(root, parse_output(what), labels=labels)
        return self._followed[key]

    @property
    def output(self) -> Spelled:
        """What the headline follows, as it stands in the settings."""
        found = self._at.section("scoring").get("output")
        spelled = found[0] if isinstance(found, list) and found else found
        if not isinstance(spelled, str | int | Mapping):
            raise ZollstockError(
                self.folder,
                "does not say yet what was followed",
                "a finished study",
                f"Name an output, or finish it: {self._at.command('write_record')}",
            )
        return spelled

    # --- figures ----------------------------------------------------------------------------

    @cached_property
    def _drawer(self) -> Drawer:
        return Drawer(self._at, self.output)

    @property
    def figures(self) -> list[str]:
        """Names of the figures that `plot` can draw."""
        return self._drawer.names

    def plot(self, name: str = "summary", page: str | None = None) -> "Figure | dict[str, Figure]":
        """Draw a figure of the report.

        Parameters
        ----------
        name
            One of `figures`, such as ``summary`` or ``<property>/response``.
        page
            Of figures with a page an image or model, the one that is wanted, such as an image's
            id for ``<property>/paths``.

        Returns
        -------
        Figure or dict
            A figure, which a notebook shows; of one with pages, without `page`, all of them.
        """
        return self._drawer.draw(name, page)
