"""A grid of perturbation methods on one model: every combination is judged, a row an image.

A combination is what is asked about (segments, samples and fill: a pass), an attributer, pixels or
segments, and a repetition. All attributers, per pixel and per segment, come from one pass. Maps
are those of the unedited picture; they are judged by occlusion and not kept.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from zollstock.images.table import ImageRecord
from zollstock.locate.asked import Asked
from zollstock.locate.differentiable import GradientModel
from zollstock.locate.kept import made_by
from zollstock.locate.occlusion import Occlusion
from zollstock.locate.perturbation import perturb
from zollstock.locate.rows import KeptRows
from zollstock.locate.study import Located, subjects_in
from zollstock.locate.subjects import Subject
from zollstock.locate.taking import put_in
from zollstock.seeds import rng_for

_VERSION = 1


@dataclass(frozen=True)
class Combinations:
    """A grid.

    Attributes
    ----------
    passes
        Each with plain ``settings``, words for ``segments``, ``samples`` and ``fill``, and
        ``needs_frame``; see `zollstock.settings.locate.grid.MethodGridSettings.passes`.
    attributers
        Each with ``name`` and plain ``settings``.
    per
        ``pixels``, ``segments`` or both.
    repetitions
        How often each is done.
    """

    passes: Sequence[Mapping[str, Any]]
    attributers: Sequence[Mapping[str, Any]]
    per: Sequence[str] = ("pixels", "segments")
    repetitions: int = 1


@dataclass(frozen=True)
class _Pass:
    """One pass over the samples, and what of it is to be judged: (attributer, per) → mark."""

    told: Mapping[str, Any]
    name: str
    frame: npt.NDArray[np.uint8] | None
    repetition: int
    marks: dict[tuple[str, str], str] = field(default_factory=dict)


def judge_combinations(
    grid: Combinations,
    study: Located,
    records: Sequence[ImageRecord],
    follow: Callable[[ImageRecord], GradientModel],
    kept: KeptRows,
    fingerprint: str,
    done: Callable[[], None],
) -> Iterator[dict[str, Any]]:
    """Judge every combination on the images; yield a row each, and image by image keep them.

    Parameters
    ----------
    grid
        What is combined.
    study
        How it is located; its methods are not asked.
    records
        The images.
    follow
        The followed output on an image.
    kept
        Where finished rows are kept.
    fingerprint
        Of the model and the code.
    done
        Called after each image.

    Yields
    ------
    dict
        ``image``, ``segments``, ``samples``, ``fill``, ``attribute``, ``per``, ``repetition``,
        ``number`` (of samples) and ``found``, a list of ``fill``, ``property`` and the measures.
    """
    for subject, asked in subjects_in(study, records, follow):
        image = subject.record.id
        known = kept.read(image)
        occlusion = Occlusion(subject, asked, study.evaluate)
        for one in _passes(grid, study, subject, asked, fingerprint):
            missing = {key: mark for key, mark in one.marks.items() if mark not in known}
            if missing:
                found = _judged(grid, one, missing, subject, asked, occlusion)
                kept.append(image, found)
                known |= {row["made_by"]: row for row in found}
            for mark in one.marks.values():
                yield {"image": image, **known[mark]}
        done()


def _passes(
    grid: Combinations, study: Located, subject: Subject, asked: Asked, fingerprint: str
) -> Iterator[_Pass]:
    """Yield the passes of an image; a fill that is a path's frame is one for each property."""
    settings = {one["name"]: one["settings"] for one in grid.attributers}
    for told in grid.passes:
        if asked.has_no_other(told["settings"]):
            continue
        handed = "" if asked.handed is None else asked.handed.mark(told["settings"])
        frames: Mapping[str, npt.NDArray[np.uint8] | None] = {"": None}
        if told["needs_frame"]:
            frames = put_in(subject, told["settings"]["fill"])
        for name, frame in frames.items():
            for repetition in range(grid.repetitions):
                one = _Pass(told, name, frame, repetition)
                for attributer, attribute in settings.items():
                    for per in grid.per:
                        made = [told["settings"], attribute, per, name, repetition, handed]
                        mark = _mark(study, subject, fingerprint, made, bool(told["needs_frame"]))
                        one.marks[attributer, per] = mark
                yield one


def _mark(
    study: Located, subject: Subject, fingerprint: str, made: list[Any], needs_frame: bool
) -> str:
    """Return what a row is made from, as one checksum."""
    paths = needs_frame or "path" in study.evaluate["fills"]
    masked = made[0]["segments"]["name"] in {"mask", "parts"}
    return made_by(
        model=fingerprint,
        made=made,
        evaluate=study.evaluate,
        picture=[subject.record.sha256, subject.record.latents, list(subject.picture.shape)],
        paths={name: walk.checksum for name, walk in subject.walks.items()} if paths else {},
        masks={
            name: [prop["meter"], prop["fit"], prop["outside"]]
            for name, prop in study.properties.items()
        }
        if masked
        else {},
        rest=[study.world, study.seed, _VERSION],
    )


def _judged(
    grid: Combinations,
    one: _Pass,
    missing: Mapping[tuple[str, str], str],
    subject: Subject,
    asked: Asked,
    occlusion: Occlusion,
) -> list[dict[str, Any]]:
    """Ask the model once, and judge what is missing of that pass."""
    attributers = {name for name, _ in missing}
    settings = dict(one.told["settings"])
    # As methods of a study have it, so that a row is what the same method's judgement is.
    seed = [asked.seed, "locate", subject.record.id, json.dumps(settings, sort_keys=True)]
    passed = perturb(
        subject.picture,
        asked.classifier,
        settings,
        {
            given["name"]: given["settings"]
            for given in grid.attributers
            if given["name"] in attributers
        },
        rng_for(*seed, *([one.repetition] if one.repetition else [])),
        replace(asked.context_of(settings), frame=one.frame),
        asked.batch_size,
    )
    rows = []
    for (attributer, per), mark in missing.items():
        values = passed.map_of(attributer, per)
        segments = passed.labels if per == "segments" else None
        rows.append(
            {
                "made_by": mark,
                **{key: one.told[key] for key in ("segments", "samples", "fill")},
                "of": one.name,
                "attribute": attributer,
                "per": per,
                "repetition": one.repetition,
                "number": len(passed.kept),
                # A map without any value is no order that could be judged.
                "found": _by_fill(occlusion.rows(values, one.name, segments))
                if np.isfinite(values).any()
                else [],
            }
        )
    return rows


def _by_fill(rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return a dict a fill, with all of its measures."""
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for row in rows:
        key = (row["fill"], row["property"])
        found.setdefault(key, {"fill": key[0], "property": key[1]})[row["measure"]] = row["value"]
    return list(found.values())
