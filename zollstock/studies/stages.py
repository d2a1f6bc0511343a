"""What the stages locate, trace and repair left in a finished study."""

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from zollstock.jobs.draw_repair import read_words
from zollstock.jobs.draw_trace import graph_of
from zollstock.locate.kept import find_maps
from zollstock.parquet import read_parquet
from zollstock.studies.inputs import FILES, MAPS, judged_maps
from zollstock.studies.tables import StudyTables
from zollstock.trace.structure import Graph
from zollstock.trace.tables import FILES as TABLES_OF_TRACE


class StudyStages(StudyTables):
    """What of a study came of the stages behind the scores, as far as it has them."""

    def repairs(self) -> pd.DataFrame:
        """Return scores before and after each repair."""
        return read_words(self._at.need(FILES["repairs"], "repaired models", "repair"))

    def located(self, table: str = "ranking") -> pd.DataFrame:
        """Return a table of the stage `locate`: ranking, control, flips, likeness, judged."""
        known = ["ranking", "control", "flips", "likeness", "completeness", "judged"]
        self._at.check(table, known, "table of the stage locate")
        file = f"locate/{table}.{'parquet' if table == 'judged' else 'csv'}"
        found = self._at.need(file, "the stage 'locate'", "locate")
        return read_parquet(found) if table == "judged" else pd.read_csv(found)

    def traced(self, table: str = "units") -> pd.DataFrame:
        """Return a table of the stage `trace`: units, edges, mediation, graphs and others."""
        self._at.check(table, list(TABLES_OF_TRACE), "table of the stage trace")
        found = self._at.need(f"trace/{TABLES_OF_TRACE[table]}", "the stage 'trace'", "trace")
        return read_parquet(found) if found.suffix == ".parquet" else pd.read_csv(found)

    def maps(self, image: str, model: str, frame: str = "picture") -> dict[str, Any]:
        """Return method → its map of an image, (H, W), as the stage `locate` kept it.

        Parameters
        ----------
        image, model
            Which.
        frame
            ``picture``, ``first`` or ``last``; ``path <property>`` for the located gradient.

        Raises
        ------
        ZollstockError
            If there is no such stage, or a map that was judged is lost or harmed.
        """
        self._check_model(model)
        self._at.need("locate", "the stage 'locate'", "locate")
        self._at.check(image, list(self._records), "image")
        found: dict[str, npt.NDArray[np.float32]] = {}
        for method, judged in judged_maps(self.folder, model):
            if judged != image:
                continue
            kept = find_maps(self.folder / MAPS / model, method, image, noted=True)
            if kept is not None and frame in kept[1]["at"]:
                found[method] = kept[0][list(kept[1]["at"]).index(frame)]
        return found

    def circuit(self, model: str, label: str) -> Graph:
        """Return the causal graph of a class, as the stage `trace` kept it.

        Parameters
        ----------
        model
            Its name.
        label
            The class.
        """
        self._check_model(model)
        table = self.traced("graphs")
        mine = table[table["model"] == model]
        self._at.check(label, [str(name) for name in mine["class"]], f"graph in '{model}' of class")
        row = mine[mine["class"].astype(str) == label].iloc[0].to_dict()
        return graph_of(self.folder / "trace/models" / model, row)
