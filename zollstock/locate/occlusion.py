"""Judging the map of an unedited picture by occlusion, with every fill of a study."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from zollstock.arrays import Indices
from zollstock.locate.asked import Asked
from zollstock.locate.context import Context
from zollstock.locate.evaluation.curves import WAYS, Curves, Pieces, occlusion_curves
from zollstock.locate.fills import make_fill
from zollstock.locate.subjects import Subject
from zollstock.seeds import rng_for

Map = npt.NDArray[np.float32]
Row = dict[str, Any]
ByFill = dict[tuple[str, str], Curves]
"""Curves by fill and property; of a fill that hangs on no property that is ""."""
_FILLS: dict[str, dict[str, Any]] = {
    "mean": {"name": "mean"},
    "blur": {"name": "blur", "sigma": None},
    "noise": {"name": "noise", "number": 1},
}


class Occlusion:
    """Occlusion curves of one image and model.

    Parameters
    ----------
    subject
        The image.
    asked
        The model.
    evaluate
        ``steps``, ``fills``, ``curves`` and ``ties``; see
        `zollstock.settings.locate.evaluation.EvaluationSettings`.
    """

    def __init__(self, subject: Subject, asked: Asked, evaluate: Mapping[str, Any]) -> None:
        self._subject, self._asked, self._evaluate = subject, asked, evaluate
        self._still: dict[str, npt.NDArray[np.uint8]] | None = None

    def rows(
        self, values: Map, name: str = "", segments: Indices | None = None, only: str | None = None
    ) -> list[Row]:
        """Return the rows of `curves`; see there and `rows_of`."""
        return rows_of(self.curves(values, name, segments, only))

    def curves(
        self, values: Map, name: str = "", segments: Indices | None = None, only: str | None = None
    ) -> ByFill:
        """Return the curves of a map at every fill; none where no curve is asked for.

        Parameters
        ----------
        values
            The map, (H, W).
        name
            Of the property whose path's last frame is put in; by default each in turn.
        segments
            What is taken away as a whole, (H, W); by default a pixel.
        only
            One fill, where not all are wanted.
        """
        fills = {key: fill for key, fill in self.fills(name).items() if only in (None, key[0])}
        ways = self._evaluate["curves"]
        if not fills or not ways:
            return {}
        pieces = Pieces.pixels(values) if segments is None else Pieces.segments(values, segments)
        curves = occlusion_curves(
            self._asked.values,
            self._subject.picture,
            {f"{fill} {prop}": picture for (fill, prop), picture in fills.items()},
            {"map": pieces},
            self._asked.seed,
            self._subject.record.id,
            steps=int(self._evaluate["steps"]),
            ways=ways,
            ties=int(self._evaluate["ties"]),
        )
        return {(fill, prop): curves["map", f"{fill} {prop}"] for fill, prop in fills}

    def fills(self, name: str = "") -> dict[tuple[str, str], npt.NDArray[np.uint8]]:
        """Return what is put in, by fill and property: the path's last frame of each property."""
        found = {(fill, ""): picture for fill, picture in self._stills().items()}
        wanted = [name] if name else list(self._subject.walks)
        if "path" in self._evaluate["fills"]:
            found |= {("path", prop): self._subject.walks[prop].end for prop in wanted}
        return found

    def _stills(self) -> dict[str, npt.NDArray[np.uint8]]:
        """Return the fills that hang on the picture alone, made once."""
        if self._still is None:
            self._still = {}
            picture = self._subject.picture
            whole = np.zeros(picture.shape[:2], np.intp)
            for fill in self._evaluate["fills"]:
                if fill == "path":
                    continue
                rng = rng_for(self._asked.seed, "locate", self._subject.record.id, "fill", fill)
                made = make_fill(picture, whole, _FILLS[fill], rng, Context())
                self._still[fill] = np.asarray(made.pictures)[0]
        return self._still


def rows_of(curves: ByFill) -> list[Row]:
    """Return the mean of each curve at every fill, and SRG where both curves were asked for.

    Returns
    -------
    list of dict
        ``measure``, ``fill``, ``property`` and ``value``.
    """
    rows: list[Row] = []
    for (fill, prop), curve in curves.items():
        where = {"fill": fill, "property": prop}
        found: dict[str, float] = {way: curve.mean(way) for way in curve.ways}
        if len(found) == len(WAYS):
            found["srg"] = curve.srg
        rows += [{"measure": key, **where, "value": value} for key, value in found.items()]
    return rows
