"""Draw the figures of a study as a whole."""

from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd

from zollstock.figures.registry import OF_STUDY
from zollstock.files import read_json
from zollstock.images.table import ImageRecord, read_table
from zollstock.jobs.drawing import Data, DrawnStudy, Files, draw, ready_to_draw
from zollstock.significance.headline import read_headline


def draw_study(
    *,
    figures: Sequence[str],
    files: Files,
    folder: Path,
    titles: Mapping[str, str],
    pairs: Sequence[tuple[str, str]],
    trained: Sequence[str],
    editors: Sequence[str],
    study: DrawnStudy,
) -> None:
    """Draw figures of a study, and of each of its examined editors.

    Parameters
    ----------
    figures
        Names of entries of `zollstock.figures.registry.OF_STUDY`.
    files
        Inputs by name, those that the figures need; see `zollstock.figures.registry.SOURCES`.
    folder
        The study's figures.
    titles
        Property → what it is called in figures.
    pairs
        Exact properties beside edited ones that the same meter measures.
    trained
        Models that the study trains.
    editors
        Small editors that were examined, in the order of their files.
    study
        What all figures of the study agree on.
    """
    data = StudyData(files, study, titles, pairs, trained)
    with ready_to_draw():
        for figure in OF_STUDY:
            if figure.name not in figures:
                continue
            if "{editor}" not in figure.name:
                draw(figure, data, figure.name, folder)
                continue
            for place, editor in enumerate(editors):
                name = figure.name.replace("{editor}", editor)
                draw(figure, EditorData(files, study, editor, place), name, folder)


class StudyData(Data):
    """What figures of the whole study are drawn from."""

    def __init__(
        self,
        files: Files,
        study: DrawnStudy,
        titles: Mapping[str, str],
        pairs: Sequence[tuple[str, str]],
        trained: Sequence[str],
    ) -> None:
        super().__init__(files, study)
        self.titles = titles
        self.pairs = pairs
        self.trained = trained

    @cached_property
    def images(self) -> list[ImageRecord]:
        """The selected images."""
        return read_table(self.file("images"), self.file("pixels"))

    @property
    def evidence(self) -> pd.DataFrame:
        """The table of tests, where something was tested."""
        return self.tests

    @cached_property
    def accuracy(self) -> pd.DataFrame:
        """Accuracy of the trained models."""
        return pd.read_csv(self.file("accuracy"), dtype={"model": str}, keep_default_na=False)

    @cached_property
    def summary(self) -> pd.DataFrame:
        """The headline table."""
        return read_headline(self.file("summary"))


class EditorData(Data):
    """What figures of one small editor are drawn from."""

    def __init__(self, files: Files, study: DrawnStudy, editor: str, place: int) -> None:
        super().__init__(files, study)
        self.editor = editor
        self.place = place

    @cached_property
    def gate(self) -> dict[str, Any]:
        """What its examination found."""
        found: dict[str, Any] = read_json(self.files["gates"][self.place])
        return found

    @cached_property
    def card(self) -> dict[str, Any]:
        """Its card."""
        found: dict[str, Any] = read_json(self.files["editor_cards"][self.place])
        return found
