"""Whether maps of the unedited picture hold, and how alike the maps of different methods are.

``noise l1`` … ``noise spearman``
    Likeness of the map and of those of noisy copies, the mean over copies; see
    `zollstock.locate.evaluation.likeness` for the measures.
``output l1`` … ``output spearman``
    Likeness of the map and of that of the same output of the most likely other class. What is
    alike whatever is asked does not explain what was asked. Of two classes whose probabilities sum
    to 1 the other map is the map with its sign turned.
``reference effects``, ``reference pearson``, ``reference spearman``
    Agreement with every coalition of a coarse grid, its cells filled with the mean colour; see
    `zollstock.locate.evaluation.stability.Reference`.
``likeness l1`` … ``likeness spearman``
    Likeness of the maps of two methods; the second one is named by ``other``.
"""

from collections.abc import Mapping, Sequence
from functools import cached_property
from itertools import combinations
from typing import Any

import numpy as np
import numpy.typing as npt

from zollstock.locate.asked import Asked
from zollstock.locate.evaluation.likeness import likeness, mean_likeness
from zollstock.locate.evaluation.stability import Reference, exhaustive_reference, noisy_copies
from zollstock.locate.kept import made_by
from zollstock.locate.names import PICTURE
from zollstock.locate.occlusion import Row
from zollstock.locate.subjects import Subject
from zollstock.locate.taking import Method, maps_of_picture

Map = npt.NDArray[np.float32]
Frames = npt.NDArray[np.uint8]
_VERSION = 1


class Holding:
    """What tells whether the maps of one image and model hold.

    Parameters
    ----------
    subject
        The image.
    asked
        The model.
    settings
        ``noise``, ``draws``, ``other_output`` and ``reference``; see
        `zollstock.settings.locate.evaluation.StabilitySettings`. None asks for nothing.

    Attributes
    ----------
    mark
        How it is told, as one checksum; None where nothing is asked for.
    """

    def __init__(self, subject: Subject, asked: Asked, settings: Mapping[str, Any] | None) -> None:
        self._subject, self._asked, self._settings = subject, asked, settings or {}
        self.mark = None if settings is None else made_by(stability=settings, version=_VERSION)

    def rows(
        self, methods: Sequence[Method], maps: Mapping[str, Mapping[str, Map]]
    ) -> dict[str, list[Row]]:
        """Return judgements by method, of methods that share a pass; by frame are their `maps`.

        Of a method that has no map of the unedited picture alone there are none.
        """
        able = [method for method in methods if PICTURE in maps[method.name]]
        found: dict[str, list[Row]] = {method.name: [] for method in methods}
        if self.mark is None or not able:
            return found
        first = {method.name: maps[method.name][PICTURE] for method in able}
        noisy = [self._maps_of(able, picture, self._asked) for picture in self._noisy]
        other = (
            None if self._other is None else self._maps_of(able, self._subject.picture, self._other)
        )
        for name, values in first.items():
            told: dict[str, float] = {}
            if noisy:
                told |= _named("noise", mean_likeness(values, [one[name] for one in noisy]))
            if other is not None:
                told |= _named("output", likeness(values, other[name]))
            if self._reference is not None:
                told |= _named("reference", self._reference.agreement(values))
            found[name] = [{"measure": key, "value": value} for key, value in told.items()]
        return found

    def _maps_of(self, methods: Sequence[Method], picture: Frames, asked: Asked) -> dict[str, Map]:
        return maps_of_picture(self._subject, methods, asked, picture)

    @cached_property
    def _noisy(self) -> Frames:
        given = self._settings
        seed = (self._asked.seed, self._subject.record.id)
        return noisy_copies(
            self._subject.picture, *seed, noise=given["noise"], draws=given["draws"]
        )

    @cached_property
    def _other(self) -> Asked | None:
        """The same output of another class."""
        if not self._settings["other_output"]:
            return None
        return self._asked.runner_up(self._subject.picture)

    @cached_property
    def _reference(self) -> Reference | None:
        """Every coalition of a grid's cells."""
        if self._settings["reference"] is None:
            return None
        picture, (rows, columns) = self._subject.picture, self._settings["reference"]
        fill = picture.mean((0, 1), keepdims=True)
        return exhaustive_reference(self._asked.values, picture, fill, rows, columns)


def alike(maps: Mapping[str, Map]) -> list[Row]:
    """Return the likeness of each pair of methods' maps of the unedited picture, by method."""
    return [
        {"method": one, "other": other, "measure": key, "value": value}
        for one, other in combinations(maps, 2)
        for key, value in _named("likeness", likeness(maps[one], maps[other])).items()
    ]


def _named(what: str, found: Mapping[str, float]) -> dict[str, float]:
    return {f"{what} {key}": value for key, value in found.items()}
