"""Settings of a small CLIP that is trained here, on captions of drawn worlds."""

import re
from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import Field

from zollstock.errors import ZollstockError, did_you_mean
from zollstock.settings.base import Section
from zollstock.settings.images import World
from zollstock.settings.training import Device
from zollstock.worlds import check_choice, facts_of, module_of
from zollstock.worlds.facts import PLAIN

Texts = Annotated[list[Annotated[str, Field(min_length=1)]], Field(min_length=1)]


class CaptionedPictures(Section):
    """Drawn pictures with a caption each."""

    world: World = Field(description="The world that draws them.")
    distribution: str = Field(PLAIN, description="Distribution they are drawn from.")
    images: int = Field(3072, ge=64, description="How many.")
    names: dict[str, Texts] = Field(
        description="Class → what it is called, one of these by chance in each caption. Every "
        "class of the world has some."
    )
    templates: Texts = Field(
        default=["a photo of {}"],
        description="Captions with `{}` for a name, and `{LATENT}` for a word of `words`; one of "
        "them by chance.",
    )
    words: dict[str, Texts] = Field(
        default_factory=dict,
        description="Latent → words for equal parts of its range, from low to high: what a caption "
        "tells beside the class. A class is learnt from nothing but what captions say.",
    )

    def check(self, where: str) -> None:
        """Check it against the world.

        Raises
        ------
        ZollstockError
            Naming what the world does not have below `where`.
        """
        facts = facts_of(self.world)
        check_choice(f"{where}.distribution", self.distribution, facts.distributions)
        for label in self.names:
            check_choice(f"{where}.names", label, facts.classes)
        for label in facts.classes:
            if label not in self.names:
                raise ZollstockError(
                    f"{where}.names",
                    f"has no name of '{label}'",
                    f"names of each of {', '.join(facts.classes)}",
                    "Add some.",
                )
        for latent in self.words:
            check_choice(f"{where}.words", latent, tuple(facts.latents))
        for template in self.templates:
            places = re.findall(r"\{(\w*)\}", template)
            strange = [place for place in places if place and place not in self.words]
            if "" not in places or strange:
                raise ZollstockError(
                    f"{where}.templates",
                    f"has '{template}', which "
                    + (f"asks for words of '{strange[0]}'" if strange else "names no class"),
                    "{} for the name, and {LATENT} of latents that `words` has",
                    did_you_mean(strange[0], self.words, "Correct it.")
                    if strange
                    else "Put {} where the name goes.",
                )


class CaptionTraining(Section):
    """How a small CLIP is trained here, and on what."""

    pictures: Annotated[list[CaptionedPictures], Field(min_length=1)] = Field(
        description="What it sees, and what is said of it."
    )
    size: int = Field(64, ge=16, le=1024, description="Height and width of the pictures.")
    test_images: int = Field(
        300, ge=8, description="Drawn test pictures a world, on which its card tells the accuracy."
    )
    epochs: int = Field(10, ge=1, description="Passes over the pictures.")
    batch_size: int = Field(64, ge=2, description="Pictures per optimiser step.")
    learning_rate: float = Field(0.002, gt=0, description="Peak learning rate of AdamW.")
    weight_decay: float = Field(0.05, ge=0, description="Weight decay of AdamW.")
    mirror: bool = Field(True, description="Show half of the pictures mirrored.")
    device: Device = Field("cpu", description="Where it is trained.")
    patch_size: int = Field(8, ge=1, description="Side of the patches that it sees, in pixels.")
    width: int = Field(64, ge=4, multiple_of=4, description="Width of both transformers.")
    depth: int = Field(4, ge=1, description="Layers of the one that sees; half of them read.")
    shared_width: int = Field(32, ge=2, description="Of the space that both end in.")

    def check(self, where: str) -> None:
        """Check it against the worlds.

        Raises
        ------
        ZollstockError
            Naming what is wrong below `where`.
        """
        for place, pictures in enumerate(self.pictures):
            pictures.check(f"{where}.pictures.{place}")
        if self.size % self.patch_size:
            raise ZollstockError(
                f"{where}.patch_size",
                f"is {self.patch_size}, which does not divide size, {self.size}",
                "patches that fill a picture",
                "Choose a divisor.",
            )

    def modules(self) -> list[str]:
        """Return the modules of its worlds."""
        return sorted({module_of(pictures.world) for pictures in self.pictures})

    def job(self, world: Mapping[str, Any]) -> dict[str, Any]:
        """Return what the job that trains is given; noise and bias are those of a study's world."""
        told = self.model_dump()
        for pictures in told["pictures"]:
            plain = {"bias": None} if pictures["distribution"] == PLAIN else {}
            pictures["world"] = {
                **world,
                "name": pictures["world"],
                "size": self.size,
                **plain,
            }
        return told
