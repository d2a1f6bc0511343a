"""What jobs that draw share: they walk entries of the registry and hand each function its data."""

import gc
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from importlib import import_module
from pathlib import Path
from typing import Any

import pandas as pd

from zollstock.figures.registry import Figure
from zollstock.figures.style import model_looks, save, save_pages, set_style
from zollstock.inference.predictions import predicted_classes
from zollstock.parquet import read_parquet
from zollstock.scoring.outputs import Output, parse_output

Files = Mapping[str, Sequence[Path]]
"""Name of an input → its files."""


@dataclass(frozen=True)
class DrawnStudy:
    """What figures of a study agree on.

    Attributes
    ----------
    models
        Names, in order.
    scoring
        The section of the settings.
    seed
        The study's.
    looks
        The settings' section of figures, with all its formats.
    compared
        At how many frames edits are compared with placebos.
    """

    models: Sequence[str]
    scoring: Mapping[str, Any]
    seed: int
    looks: Mapping[str, Any]
    compared: int


class Data:
    """What figures are drawn from: an attribute for each name in `Figure.takes`.

    An attribute reads its files when a figure first asks for it, and is kept.
    """

    def __init__(self, files: Files, study: DrawnStudy) -> None:
        self.files = files
        self.study = study
        self.models = list(study.models)
        self.alpha = float(study.scoring["alpha"])
        self.statistic = str(study.scoring["statistics"][0])
        self.max_images = int(study.looks["max_images"])
        self.palette = str(study.looks["palette"])

    @cached_property
    def output(self) -> Output:
        """What is followed."""
        return parse_output(self.study.scoring["output"])

    @cached_property
    def looks(self) -> dict[str, dict[str, Any]]:
        """Model → line colour and dashes."""
        return model_looks(self.models, self.palette)

    @cached_property
    def boundary(self) -> float | None:
        """Where the decision turns: at a probability of one half, at a margin of 0.

        Of more than two classes one may win with less than half, so that no line says where.
        """
        groups = self.files.get("predictions", ())
        several = any(len(predicted_classes(folder)) > 2 for folder in groups)
        return None if several and self.output.boundary == 0.5 else self.output.boundary

    @property
    def bounds(self) -> tuple[float, float] | None:
        """Between which numbers the followed output lies."""
        return self.output.bounds

    @property
    def flattest(self) -> float:
        """The least span of an axis of the followed output."""
        return self.output.flattest

    @cached_property
    def scores(self) -> pd.DataFrame:
        """The score table."""
        return read_parquet(self.file("scores"))

    @cached_property
    def tests(self) -> pd.DataFrame:
        """The table of tests."""
        return read_parquet(self.file("tests"))

    def table(self, name: str, text: Collection[str]) -> pd.DataFrame:
        """Return an input that is a CSV, see `read_cells`."""
        return read_cells(self.file(name), text)

    def file(self, name: str) -> Path:
        """Return an input that is one file."""
        (file,) = self.files[name]
        return file


def read_cells(file: Path, text: Collection[str], flags: Collection[str] = ()) -> pd.DataFrame:
    """Return a CSV whose columns are texts, flags or else numbers.

    Texts are as they are written: one may be called "NA" or "007". An empty cell of a text is
    empty, one of a number is none.
    """
    table = pd.read_csv(file, dtype=str, keep_default_na=False)
    for column in table.columns:
        if column in flags:
            table[column] = table[column] == "True"
        elif column not in text:
            table[column] = pd.to_numeric(table[column], errors="coerce")
    return table


@contextmanager
def ready_to_draw() -> Iterator[None]:
    """Set the style, and look for garbage less often: figures are tens of thousands of objects."""
    set_style()
    before = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(100_000, 20, 100)
    try:
        yield
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()


def drawn(figure: Figure, data: Data) -> Any:  # noqa: ANN401
    """Return what an entry's function draws, a figure or pages; see `draw`."""
    module, _, function = figure.function.partition(":")
    takes = {datum: getattr(data, datum) for datum in figure.takes}
    return getattr(import_module(module), function)(**takes)


def draw(figure: Figure, data: Data, name: str, folder: Path) -> None:
    """Draw a figure and write its files below a folder.

    Parameters
    ----------
    figure
        The entry.
    data
        Has an attribute for each of the entry's `takes`.
    name
        The entry's name, with its property or editor in place.
    folder
        The study's figures.
    """
    found = drawn(figure, data)
    how = {"formats": data.study.looks["formats"], "dpi": data.study.looks["dpi"]}
    if figure.pages:
        save_pages(found, folder / name, **how)
    else:
        save(found, folder / name, **how)
