"""Maps from graphs of a made-up study, of few methods or of all."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

from zollstock.figures.attributions import AttributionPage
from zollstock.settings.trace.attribution import KNOWN
from zollstock.trace.attributions import MEASURES
from zollstock.trace.maps import GRAPH, RANDOM_GRAPH


class Attributed:
    """What data of the stage `trace` are that have to do with maps from graphs."""

    case: Any
    models: list[str]

    @property
    def mapped(self) -> list[str]:
        """Methods: with many images all of them, with one none but the graphs."""
        count = {1: 0, 200: len(KNOWN)}.get(self.case.images, 11)
        return [GRAPH, RANDOM_GRAPH, *KNOWN[:count]]

    @property
    def attribution_ranking(self) -> pd.DataFrame:
        rows = [
            {"model": model, "measure": measure, "method": method, "n": 20, "mean": 0.2 + place}
            # Intervals of a single image are none.
            | ({"low": np.nan, "high": np.nan} if self.case.images == 1 else {"low": 0.1 + place})
            | ({} if self.case.images == 1 else {"high": 0.4 + place})
            for model in self.models
            for place, measure in enumerate(MEASURES)
            for method in self.mapped
        ]
        return pd.DataFrame(rows)

    @property
    def attribution_pages(self) -> Iterator[AttributionPage]:
        several = ["1", "2"] if self.case.images > 1 else ["1"]
        maps = {method: np.eye(32, dtype=np.float32) for method in self.mapped}
        # A method may lack a map, and a map may be of nothing.
        maps[self.mapped[1]] = np.zeros((32, 32), np.float32)
        if self.case.images > 1:
            del maps[self.mapped[-1]]
        for model in self.models:
            yield AttributionPage(
                f"{model}-0",
                f"the logit of '{self.case.output_of(0)}' in {model}",
                [f"image {number}" for number in several],
                [np.full((32, 32, 3), 90, np.uint8)] * len(several),
                self.mapped,
                [maps] * len(several),
            )
