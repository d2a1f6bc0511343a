"""Settings of a grid of perturbation methods: lists where a method has values."""

from collections.abc import Mapping
from itertools import product
from typing import Any, Literal

from pydantic import Field, ValidationError, model_validator

from zollstock.settings.base import Section
from zollstock.settings.locate.attributers import (
    Attributer,
    AttributerSettings,
    attributer_plain,
)
from zollstock.settings.locate.fills import Fill, FillSettings
from zollstock.settings.locate.gradients import GRADIENTS
from zollstock.settings.locate.perturbation import PerturbationSettings
from zollstock.settings.locate.samples import Count, SampleSettings
from zollstock.settings.locate.segments import SegmentSettings


class MethodGridSettings(Section):
    """Every combination of parts of a perturbation method is judged, a row per image and model.

    Maps are of the unedited pictures and are not kept.
    """

    segments: list[SegmentSettings] = Field(
        min_length=1, description="A list: what is taken away as a whole."
    )
    samples: list[SampleSettings] = Field(
        min_length=1, description="A list: which segments are kept together."
    )
    numbers: list[Count] | None = Field(
        None,
        min_length=1,
        description="Samples of a picture: each of `samples` with each of these numbers, but those "
        "whose number the segments set. Without it each of `samples` has its own.",
    )
    fill: list[Fill] = Field(
        min_length=1, description="A list: what takes the place of what is taken away."
    )
    attribute: list[Attributer] = Field(
        min_length=1,
        description="A list: from what the model says to a number a segment; all from one pass.",
    )
    per: list[Literal["pixels", "segments"]] = Field(
        default=["pixels", "segments"],
        min_length=1,
        description="Whether pixels of a smooth map are taken away in its order, or segments.",
    )
    repetitions: int = Field(
        1, ge=1, le=1000, description="How often each is done, every time with other samples."
    )
    fraction: float = Field(
        1.0, gt=0, le=1, description="Of the images that maps are taken of, the first ones."
    )

    @model_validator(mode="after")
    def _fits(self) -> "MethodGridSettings":
        for key in ("segments", "fill", "attribute", "per", "numbers", "samples"):
            names = [described(entry) for entry in getattr(self, key) or ()]
            twice = next((name for name in names if names.count(name) > 1), None)
            if twice is not None:
                raise ValueError(f"each entry of {key} once, where '{twice}' is there twice")
        if self.numbers and (own := [one for one in self.samples if one.numbered]):
            raise ValueError(f"no number in samples ('{described(own[0])}') beside numbers")
        for segments, fill in product(self.segments, self.fill):
            try:
                PerturbationSettings(
                    segments=segments, samples=self.samples[0], fill=fill, attribute="rise"
                )
            except ValidationError as error:
                raise ValueError(str(error.errors()[0]["ctx"]["error"])) from None
        return self

    def passes(self) -> list[dict[str, Any]]:
        """Return what is asked about in one pass over the samples each, in order.

        ``settings`` are plain, what `zollstock.locate.perturbation.perturb` takes; ``segments``,
        ``samples`` and ``fill`` are words for these; ``needs_frame`` says whether another frame of
        the path is put in.
        """
        found = []
        for segments, (words, samples), fill in product(self.segments, self._sized(), self.fill):
            method = PerturbationSettings(
                segments=segments, samples=samples, fill=fill, attribute="rise"
            )
            plain = {key: value for key, value in method.plain().items() if key != "attribute"}
            found.append(
                {
                    "settings": plain,
                    "segments": described(segments),
                    "samples": words,
                    "fill": described(fill),
                    "needs_frame": "frame" in method.needs(),
                }
            )
        return found

    def attributers(self) -> list[dict[str, Any]]:
        """Return ``name`` (words) and plain ``settings`` of each attributer."""
        return [
            {"name": described(one), "settings": attributer_plain(one)} for one in self.attribute
        ]

    def job_settings(self) -> dict[str, Any]:
        """Return what the job is told."""
        return {
            "passes": self.passes(),
            "attributers": self.attributers(),
            "per": list(self.per),
            "repetitions": self.repetitions,
            "fraction": self.fraction,
        }

    def _sized(self) -> list[tuple[str, SampleSettings]]:
        """Return all kinds of samples with their numbers, and words for each."""
        found = []
        for one in self.samples:
            if self.numbers is None or not one.sizable:
                found.append((described(one), one))
            else:
                words = described(one)
                found += [(f"{words} N={number}", one.sized(number)) for number in self.numbers]
        return found


def described(entry: Any) -> str:  # noqa: ANN401 - an entry, or a word
    """Return an entry in words: ``grid 7×7 bilinear`` of ``{grid: [7, 7], masks: bilinear}``.

    What has its default value is left out, said or not: jobs are told all values.
    """
    if not isinstance(entry, Section):
        return str(entry)
    words = []
    for key, value in entry.model_dump(exclude_defaults=True).items():
        words.append(key if value is True or value == {} else _named(key, value))
    return " ".join(words)


def _named(key: str, value: Any) -> str:  # noqa: ANN401
    """Return a key with its value; a form of masks is a word that needs no key."""
    if key == "number":
        return f"N={value}"
    return _words(value) if key == "masks" else f"{key} {_words(value)}"


def _words(value: Any) -> str:  # noqa: ANN401
    if isinstance(value, Mapping):
        return " ".join(_named(key, inner) for key, inner in value.items())
    if isinstance(value, list):
        between = " + " if any(isinstance(inner, Mapping) for inner in value) else "×"
        return between.join(_words(inner) for inner in value)
    return f"{value:g}" if isinstance(value, float) else str(value)


def modules_of_parts() -> list[str]:
    """Return all modules that parts of methods are found in.

    All, used or not: what grows by a part must not change what finished rows and maps came from.
    """
    parts: dict[str, tuple[str, ...]] = {
        "segments": SegmentSettings.options,
        "samples": SampleSettings.options,
        "fills": FillSettings.options,
        "attributers": AttributerSettings.options,
        "gradients": tuple(GRADIENTS),
    }
    return [
        f"zollstock.locate.{room}.{name}" for room, names in parts.items() for name in sorted(names)
    ]
