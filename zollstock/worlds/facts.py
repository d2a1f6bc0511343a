"""What is known of a drawn world without drawing anything. Standard library only."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

Range = tuple[float, float]

PLAIN = "unbiased"
"""The distribution that every world has, in which no nuisance follows the class."""


@dataclass(frozen=True)
class Facts:
    """What plan and settings ask of a world.

    Attributes
    ----------
    classes
        Names of the labels, label 0 first.
    latents
        Latents that may serve as a property, with their legal range.
    distributions
        Names of the joint distributions of class and latents, `unbiased` first.
    regions
        Names of the masks of a picture.
    parts
        What a picture is put together from: background, each part of the subject, what is in
        front of it.
    nuisances
        Latents that are drawn alike for all labels, in every distribution.
    meters
        Latent → the region whose luminance moves with it, and another one, which should stay.
    places
        Latent → the region outside of which nothing changes with it.
    formulas
        Whether the classifiers of `zollstock.calibration` are formulas of this world's latents.
    subject
        The latent that numbers what a picture shows, of a world that has only so many subjects:
        pictures of one subject are no other pictures.
    like
        Another world by whose code it is drawn.
    """

    classes: tuple[str, ...]
    latents: Mapping[str, Range]
    distributions: tuple[str, ...]
    regions: tuple[str, ...]
    parts: tuple[str, ...]
    nuisances: tuple[str, ...]
    meters: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    places: Mapping[str, str] = field(default_factory=dict)
    formulas: bool = False
    subject: str | None = None
    like: str | None = None


def label_of(latents: Sequence[str], high: Sequence[bool]) -> str:
    """Return the label of an image by which of its latents are high: another task of a world."""
    return " ".join(
        f"{'high' if one else 'low'} {name}" for name, one in zip(latents, high, strict=True)
    )


def split_of(distribution: str, latents: Sequence[str]) -> str:
    """Return what a distribution is called if latents, when there are any, tell the labels."""
    return f"{distribution} by {', '.join(latents)}" if latents else distribution
