"""Tables of a finished study, as the jobs that made them read them."""

from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd

from zollstock.images.table import ImageRecord, read_table
from zollstock.parquet import read_parquet
from zollstock.significance.headline import read_headline
from zollstock.studies.folder import PARTS, StudyFolder
from zollstock.studies.inputs import FILES


class StudyTables:
    """What of a study is a table.

    Parameters
    ----------
    folder
        See `zollstock.studies.folder.open_folder`.
    """

    def __init__(self, folder: StudyFolder) -> None:
        self._at = folder
        self.folder = folder.root

    @cached_property
    def _records(self) -> dict[str, ImageRecord]:
        table = self._at.part("images")
        return {record.id: record for record in read_table(table, self.folder / FILES["pixels"])}

    @property
    def images(self) -> pd.DataFrame:
        """The table of images: id, label, source, and the latents of drawn ones."""
        rows = [
            {"image": one.id, "label": one.label, "source": one.source, **one.latents}
            for one in self._records.values()
        ]
        return pd.DataFrame(rows)

    def image(self, name: str) -> ImageRecord:
        """Return an image: its label, where it came from and, by ``pixels()``, what it shows."""
        self._at.check(name, list(self._records), "image")
        return self._records[name]

    def card(self, model: str) -> dict[str, Any]:
        """Return a model's card: family, classes, preprocessing, checksum."""
        cards = self._at.cards
        self._at.check(model, list(cards), "model")
        return cards[model]

    def scores(self, output: str | None = None) -> pd.DataFrame:
        """Return the score table, a row per path, model and statistic.

        Parameters
        ----------
        output
            The folder of one of the study's further outputs; by default the headline's.
        """
        return read_parquet(self._scored("scores", output))

    def tests(self, output: str | None = None) -> pd.DataFrame:
        """Return the table of tests, a row per image, property and model; as `scores`."""
        return read_parquet(self._scored("tests", output))

    def headline(self, output: str | None = None) -> pd.DataFrame:
        """Return the headline table, a row per property and model; as `scores`."""
        return read_headline(self._scored("headline", output))

    def _scored(self, part: str, output: str | None) -> Path:
        if output is None:
            return self._at.part(part)
        self._at.check(output, self.outputs, "further output")
        name = Path(PARTS[part][0]).name
        return self._at.need(f"outputs/{output}/{name}", PARTS[part][2], "score_output")

    @property
    def outputs(self) -> list[str]:
        """Names of what is followed beside the headline's output, as `scores` takes them."""
        place = self.folder / "outputs"
        return sorted(found.name for found in place.iterdir()) if place.is_dir() else []

    def ledger(self, name: str) -> pd.DataFrame:
        """Return what the edits of a property did, a row per path, flags among them."""
        self._check_property(name)
        file = f"ledger/{name}.csv"
        found = self._at.need(file, f"the ledger of '{name}'", self._at.results_of(file))
        return pd.read_csv(found, dtype={"image": str, "flags": str}, keep_default_na=False)

    def _check_property(self, name: str) -> None:
        self._at.check(name, self._at.properties, "property")

    def _check_model(self, model: str) -> None:
        self._at.check(model, [*self._at.models, *self._at.repaired], "model")
