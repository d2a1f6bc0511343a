"""Judging maps: by occlusion, by exact truth where it is known, by where the property is.

What is judged is stated with each measure.

``lif``, ``mif``, ``srg``
    The map of the unedited picture, by occlusion. The located property gradient says where the
    output changes towards the path's last frame, so it is judged with that frame as the fill, and
    where the change lowers the output counts as what held it up: its sign is turned.
``truth``
    The map along the path: Spearman's rank correlation, over the parts of a drawn picture, of the
    absolute value of the map's sum over a part with that of the part's exact Shapley value of the
    property's effect. Absolute values, since a map of one frame says what supports the output
    there, and not which way the property moves it.
``mass``, ``pointing``, ``iou``, ``rank_auc``
    The absolute value of the map along the path against the property's mask; see
    `zollstock.locate.evaluation.localisation`. ``mass`` is the share of Σ|map| inside.
``seen``
    The share of Σ|map| on pixels that show any of the property: mask above `SEEN`, the limit that
    the ledger has for what an edit did elsewhere. On exact paths it is 1 for a map of changes.
``share_before``, ``share_after``
    That share at the unedited picture and at the path's last frame.
``mass_after``
    Of the located property gradient: |Σ map| inside the mask, in the output's own unit: how much of
    the change arises there, where what rises and falls in turn is no change.
``map_change``
    Mean squared difference of the maps at both ends of the path.
``undefined``
    Only where there are any: the largest share of a map's pixels that have no value. What such a
    map puts where is not known, so that all of the above is NaN but occlusion, where a pixel
    without value is as important as the mean.
"""

from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from zollstock.ledger.masks import CLEAR
from zollstock.locate.asked import Asked
from zollstock.locate.bands import mass, share_inside
from zollstock.locate.evaluation.localisation import iou, mass_inside, pointing_game, rank_auc
from zollstock.locate.kept import made_by
from zollstock.locate.names import EXACT, FIRST, LAST, PATH, PICTURE, RANDOM
from zollstock.locate.occlusion import ByFill, Occlusion, Row, rows_of
from zollstock.locate.segments import segments_of
from zollstock.locate.subjects import Subject
from zollstock.locate.taking import Method
from zollstock.locate.truth import PartEffects, agreement, mass_per_part, part_effects
from zollstock.seeds import rng_for

Map = npt.NDArray[np.float32]
SEEN = CLEAR
_VERSION = 2
_PLACES: Mapping[str, Callable[[Map, Map], float]] = {
    "mass": mass_inside,
    "seen": lambda size, mask: mass_inside(size, (mask > SEEN).astype(np.float32)),
    "pointing": pointing_game,
    "iou": iou,
    "rank_auc": rank_auc,
}


class Judge:
    """What judges the maps of one image and model.

    Parameters
    ----------
    subject
        The image.
    asked
        The model.
    evaluate
        ``steps``, ``fills`` and ``curves`` of occlusion, and ``parts``; see
        `zollstock.settings.locate.evaluation.EvaluationSettings`.

    Attributes
    ----------
    mark
        How maps are judged, as one checksum.
    """

    def __init__(self, subject: Subject, asked: Asked, evaluate: Mapping[str, Any]) -> None:
        self.subject, self.asked, self.evaluate = subject, asked, evaluate
        self.mark = made_by(evaluate=evaluate, version=_VERSION)
        self._occluded = Occlusion(subject, asked, evaluate)

    def rows(self, method: Method, maps: Mapping[str, Map]) -> list[Row]:
        """Return judgements on the maps of a method, by frame."""
        rows: list[Row] = []
        undefined = max((float(np.isnan(values).mean()) for values in maps.values()), default=0.0)
        if undefined:
            rows.append({"measure": "undefined", "value": undefined})
        if PICTURE in maps:
            rows += rows_of(self.curves(method, maps))
        for name in self.subject.walks:
            along = maps.get(f"{PATH} {name}")
            if along is None:
                continue
            if PICTURE not in maps:
                rows += rows_of(self.curves(method, maps, name))
            rows += self._along(name, along)
            rows += self._before_and_after(name, maps)
        return rows

    def curves(self, method: Method, maps: Mapping[str, Map], name: str = "") -> ByFill:
        """Return the occlusion curves by which `rows` judges a method's maps.

        Parameters
        ----------
        method, maps
            As in `rows`.
        name
            The property by whose path a method is judged that has no map of the picture alone.
        """
        if PICTURE in maps:
            return self._occlusion(maps[PICTURE], "", method)
        if f"{PICTURE} {name}" in maps:
            return self._occlusion(maps[f"{PICTURE} {name}"], name, method)
        along = maps.get(f"{PATH} {name}")
        return {} if along is None else self._occlusion(-along, name, method, only="path")

    @cached_property
    def noise(self) -> Map:
        """The random map, (H, W): equal for all models, as its seed says."""
        rng = rng_for(self.asked.seed, "locate", self.subject.record.id, RANDOM)
        return rng.standard_normal(self.subject.picture.shape[:2]).astype(np.float32)

    def floor(self) -> ByFill:
        """Return the occlusion curves of the random map."""
        return self._occlusion(self.noise, "")

    def of_image(self) -> list[Row]:
        """Return what is true of the image, and judgements on a random map."""
        rows: list[Row] = []
        for name, walk in self.subject.walks.items():
            ends = self.asked.values(np.stack([walk.start, walk.end]))
            change = {"measure": "change", "property": name, "value": float(ends[1] - ends[0])}
            rows.append({"method": EXACT, **change})
        for name, effects in self.truths.items():
            rows += [
                {"method": EXACT, "measure": f"effect of {part}", "property": name, "value": value}
                for part, value in zip(effects.names, effects.effects[:, 0].tolist(), strict=True)
            ]
        found = rows_of(self.floor())
        for name in self.subject.walks:
            found += self._along(name, self.noise)
        return [*rows, *({"method": RANDOM, **row} for row in found)]

    @cached_property
    def truths(self) -> dict[str, PartEffects]:
        """Property → exact effects of the parts of a drawn picture."""
        if self.asked.parts is None or not self.evaluate.get("parts", True):
            return {}
        names, weights = self.asked.parts
        return {
            name: part_effects(self.asked.values, walk.start, walk.end, weights, names)
            for name, walk in self.subject.walks.items()
        }

    def _occlusion(
        self, values: Map, name: str, method: Method | None = None, only: str | None = None
    ) -> ByFill:
        """Judge a map by occlusion of the unedited picture, at every fill or at one."""
        segments = None
        if method is not None and method.per == "segments":
            context = self.asked.context_of({"segments": method.settings["segments"]})
            segments = segments_of(self.subject.picture, method.settings["segments"], context)
        return self._occluded.curves(values, name, segments, only)

    def _along(self, name: str, along: Map) -> list[Row]:
        """Judge the map along a path by truth and by the property's place."""
        found: dict[str, float] = {}
        known = bool(np.isfinite(along).all())
        effects = self.truths.get(name)
        if effects is not None and self.asked.parts is not None:
            masses = mass_per_part(along, self.asked.parts[1])
            exact = np.abs(effects.effects[:, 0])
            found["truth"] = agreement(exact, np.abs(masses)) if known else float("nan")
        mask = self.asked.masks.get(name)
        if mask is not None:
            # Which way the property moves the output is not asked: absolute values.
            size = np.abs(along)
            for key, measure in _PLACES.items():
                found[key] = measure(size, np.asarray(mask)) if known else float("nan")
        return [{"measure": key, "property": name, "value": value} for key, value in found.items()]

    def _before_and_after(self, name: str, maps: Mapping[str, Map]) -> list[Row]:
        found: dict[str, float] = {}
        mask = self.asked.masks.get(name)
        before = maps.get(PICTURE, maps.get(f"{PICTURE} {name}"))
        after = maps.get(f"{LAST} {name}")
        if mask is not None and after is None:
            # Of the located property gradient: along the path, and in the output's own unit.
            along = maps[f"{PATH} {name}"]
            found["share_after"] = share_inside(along, mask)
            found["mass_after"] = abs(mass(along, mask, "signed"))
        elif mask is not None and before is not None and after is not None:
            found["share_before"] = share_inside(before, mask)
            found["share_after"] = share_inside(after, mask)
        first = maps.get(f"{FIRST} {name}")
        if first is not None and after is not None:
            found["map_change"] = float(((after.astype(float) - first) ** 2).mean())
        return [{"measure": key, "property": name, "value": value} for key, value in found.items()]
