"""Locating in a study: one model, image by image; what is finished is kept."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from zollstock.images.table import ImageRecord
from zollstock.locate.asked import Asked
from zollstock.locate.classifier import Asking
from zollstock.locate.context import Context
from zollstock.locate.differentiable import GradientModel
from zollstock.locate.handed import Frames, Handed
from zollstock.locate.holding import Holding, alike
from zollstock.locate.judging import Judge
from zollstock.locate.kept import KeptMaps, made_by
from zollstock.locate.names import PICTURE
from zollstock.locate.parts import parts_of
from zollstock.locate.places import property_mask
from zollstock.locate.subjects import Subject, read_subject
from zollstock.locate.taking import Method, Taken, take_maps
from zollstock.models.card import Model

_NOTED = ("kind", "notes", "rows", "judged_by", "held", "held_by")


@dataclass(frozen=True)
class Located:
    """How a study is located in.

    Attributes
    ----------
    methods
        What is asked.
    properties
        Property → ``manifest`` and ``store`` of its paths, the same of its placebos as
        ``placebos`` (None without any), and how it is measured: ``meter``, ``fit``, ``outside``.
    placebos
        At how many placebo paths of an image maps are taken.
    frames
        At how many frames of a path gradient methods are asked.
    world
        Name of the drawn world.
    seed
        Of the study.
    evaluate
        How maps are judged, see `zollstock.locate.judging.Judge`.
    stability
        What is asked to see whether maps hold, see `zollstock.locate.holding.Holding`; or None.
    images
        All images of the study, of which some may be put into others.
    """

    methods: Sequence[Method]
    properties: Mapping[str, Mapping[str, Any]]
    placebos: int
    frames: int
    world: str
    seed: int
    evaluate: Mapping[str, Any]
    stability: Mapping[str, Any] | None = None
    images: Sequence[ImageRecord] = ()


def locate_in(
    study: Located,
    records: Sequence[ImageRecord],
    follow: Callable[[ImageRecord], GradientModel],
    kept: KeptMaps,
    fingerprint: str,
    done: Callable[[int], None],
) -> Iterator[dict[str, Any]]:
    """Take and judge the maps of one model; yield judgements, a row each.

    Parameters
    ----------
    study
        What is asked.
    records
        The images.
    follow
        The followed output on an image.
    kept
        Where maps are kept.
    fingerprint
        Of the model and the code.
    done
        Called after each method of an image with how many methods are done.
    """
    for subject, asked in subjects_in(study, records, follow):
        yield from _of_image(study, subject, asked, kept, fingerprint, done)


def subjects_in(
    study: Located,
    records: Sequence[ImageRecord],
    follow: Callable[[ImageRecord], GradientModel],
) -> Iterator[tuple[Subject, Asked]]:
    """Yield each image as the model sees it, and what is asked of the model; see `locate_in`."""
    by_id = {record.id: record for record in records}
    asking = None
    for record in records:
        model = follow(record)
        asking = asking or Asking(model.network.model, model.network.device)
        subject = subject_of(study, record, model.network.model, by_id)
        asked = asked_of(study, subject, model, asking)
        yield subject, asked


def _of_image(
    study: Located,
    subject: Subject,
    asked: Asked,
    kept: KeptMaps,
    fingerprint: str,
    done: Callable[[int], None],
) -> Iterator[dict[str, Any]]:
    """Yield the judgements on an image; maps that are there are read, not taken again."""
    image = subject.record.id
    marks = {
        method.name: _mark(study, subject, asked, method, fingerprint) for method in study.methods
    }
    judge = Judge(subject, asked, study.evaluate)
    holding = Holding(subject, asked, study.stability)
    pictures: dict[str, npt.NDArray[np.float32]] = {}
    for several in _together(study.methods):
        there = {
            method.name: kept.find(method.name, image, marks[method.name]) for method in several
        }
        missing = [method for method in several if there[method.name] is None]
        taken = take_maps(subject, missing, asked) if missing else {}
        both = {method.name: _of_method(method, there[method.name], taken) for method in several}
        changed = _judged(several, both, judge, holding)
        for method in several:
            maps, noted = both[method.name]
            if method.name in changed:
                stacked = np.stack(list(maps.values())) if maps else _nothing(subject)
                kept.write(method.name, image, stacked, list(maps), marks[method.name], **noted)
            if PICTURE in maps:
                pictures[method.name] = maps[PICTURE]
            held = noted["held"] if holding.mark is not None else []
            for row in [*noted["notes"], *noted["rows"], *held]:
                yield {"image": image, "method": method.name, **row}
        done(len(several))
    # In the study's order, since a likeness is in units of the first map.
    in_order = [method.name for method in study.methods if method.name in pictures]
    rows = [*judge.of_image(), *alike({name: pictures[name] for name in in_order})]
    yield from ({"image": image, **row} for row in rows)


def _judged(
    methods: Sequence[Method],
    both: Mapping[str, tuple[Mapping[str, npt.NDArray[np.float32]], dict[str, Any]]],
    judge: Judge,
    holding: Holding,
) -> set[str]:
    """Note judgements on maps beside them, where there are none of today's settings.

    Returns
    -------
    set of str
        Names of the methods of which something was noted.
    """
    changed = set()
    for method in methods:
        maps, noted = both[method.name]
        if noted.get("judged_by") != judge.mark:
            noted |= {"rows": judge.rows(method, maps), "judged_by": judge.mark}
            changed.add(method.name)
    # Apart, since it takes new maps: other fills of the evaluation leave it alone.
    new = [method for method in methods if both[method.name][1].get("held_by") != holding.mark]
    if new and holding.mark is not None:
        found = holding.rows(new, {method.name: both[method.name][0] for method in new})
        for name, rows in found.items():
            both[name][1].update(held=rows, held_by=holding.mark)
            changed.add(name)
    return changed


def _of_method(
    method: Method,
    there: tuple[npt.NDArray[np.float32], dict[str, Any]] | None,
    taken: Mapping[str, Taken],
) -> tuple[dict[str, npt.NDArray[np.float32]], dict[str, Any]]:
    """Return the maps of a method by frame, and what is noted of them."""
    if there is None:
        found = taken[method.name]
        return dict(found.maps), {"kind": method.kind, "notes": found.notes()}
    maps, noted = there
    told: dict[str, Any] = {key: noted[key] for key in _NOTED if key in noted}
    return dict(zip(noted["at"], maps, strict=True)), told


def _nothing(subject: Subject) -> npt.NDArray[np.float32]:
    return np.empty((0, *subject.picture.shape[:2]), np.float32)


def _together(methods: Sequence[Method]) -> list[list[Method]]:
    """Return methods that share a pass as one list, all others each as one."""
    found: dict[str, list[Method]] = {}
    for method in methods:
        key = method.passed if method.kind == "perturbation" else f"{method.kind} {method.name}"
        found.setdefault(key, []).append(method)
    return list(found.values())


def _mark(study: Located, subject: Subject, asked: Asked, method: Method, fingerprint: str) -> str:
    """Return what an image's maps of a method are made from, as one checksum."""
    return made_by(
        model=fingerprint,
        method=[method.kind, method.settings, method.per],
        picture=subject.record.sha256,
        latents=subject.record.latents,
        paths={name: walk.checksum for name, walk in subject.walks.items()},
        placebos={
            name: {draw: walk.checksum for draw, walk in walks.items()}
            for name, walks in subject.placebos.items()
        },
        masks={
            name: [prop["meter"], prop["fit"], prop["outside"], *_latent(prop)]
            for name, prop in study.properties.items()
        },
        handed="" if asked.handed is None else asked.handed.mark(method.settings),
        rest=[study.frames, study.world, study.seed],
    )


def _latent(prop: Mapping[str, Any]) -> list[Any]:
    """Return the latent that says where a property is, if one does."""
    return [prop["latent"]] if "latent" in prop else []


def subject_of(
    study: Located, record: ImageRecord, model: Model, by_id: Mapping[str, ImageRecord]
) -> Subject:
    """Return an image as a model sees it, with its paths and placebos."""
    paths = {name: (prop["manifest"], prop["store"]) for name, prop in study.properties.items()}
    beside = {
        name: prop["placebos"]
        for name, prop in study.properties.items()
        if prop["placebos"] is not None
    }
    return read_subject(record, model.geometry, paths, beside, study.placebos, by_id)


def asked_of(study: Located, subject: Subject, follow: GradientModel, asking: Asking) -> Asked:
    """Return the model, and what is known of an image beside its pixels."""
    model = follow.network.model
    masks: dict[str, npt.NDArray[np.float32]] = {}
    frames: dict[str, Frames] = {}
    parts = None
    for name in subject.walks:
        prop = study.properties[name]
        shape = prop["manifest"]["shape"]
        size = (int(shape["height"]), int(shape["width"]))
        where: dict[str, Any] = {"world": study.world, "size": size, "geometry": model.geometry}
        frames[name] = Frames(size, prop["fit"])
        mask = property_mask(subject.record, prop, **where)
        if mask is not None:
            masks[name] = mask
        parts = parts or parts_of(subject.record, **where)
    labels = None if parts is None else parts[1].argmax(0)
    seen = (subject.picture.shape[0], subject.picture.shape[1])
    return Asked(
        classifier=asking.followed(follow),
        asking=asking,
        follow=follow,
        masks=masks,
        context=Context(parts=labels),
        parts=parts,
        seed=study.seed,
        frames=study.frames,
        handed=Handed(subject.record, model.geometry, seen, frames, study.images, study.seed),
    )
