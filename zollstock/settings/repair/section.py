"""The section `repair`: which models are trained on, against what, and how."""

from typing import Annotated, Any

from pydantic import BeforeValidator, Field, model_validator

from zollstock.settings.base import Name, Section, check_differ
from zollstock.settings.repair.methods import (
    DfrMethod,
    DifferenceMethod,
    ErmMethod,
    RepairMethod,
    named,
)
from zollstock.settings.training import Device


class RepairTraining(Section):
    """How a model is trained further."""

    epochs: int = Field(5, ge=1, description="Passes over the images; one of them is chosen.")
    batch_size: int = Field(32, ge=2, description="Images per optimiser step.")
    learning_rate: float = Field(0.001, gt=0, description="Peak learning rate of AdamW.")
    weight_decay: float = Field(0.01, ge=0, description="Weight decay of AdamW.")
    mirror: bool | None = Field(
        None, description="Show half of the images mirrored. Null does but for datasets of digits."
    )
    device: Device = Field("cpu", description="Where; weights depend on it.")


class RepairSettings(Section):
    """Train a reliance away, and measure again: `snakemake repair`, and `all` with this section."""

    models: list[Name] | None = Field(
        None, min_length=1, description="Which; by default all that are trained here."
    )
    against: list[Name] = Field(
        min_length=1,
        description="Properties that should matter no longer: drawn ones, or edits of pixels that "
        "need no file of yours.",
    )
    keep: list[Name] | None = Field(
        None,
        min_length=1,
        description="Properties whose scores are drawn beside; by default all. Tables hold all.",
    )
    methods: Annotated[dict[Name, RepairMethod], BeforeValidator(named)] = Field(
        default={"difference": DifferenceMethod(), "dfr": DfrMethod(), "erm": ErmMethod()},
        min_length=1,
        description="Name → its settings. The name is the method's, or `method` says which it is.",
    )
    seeds: int = Field(1, ge=1, le=100, description="Repairs of each model and method.")
    images: int = Field(
        2048,
        ge=16,
        description="Labelled images that are trained on, none of the study's; drawn anew, or of "
        "the model's training set.",
    )
    paths: int = Field(512, ge=4, description="Of how many of them there are frames.")
    frames: int = Field(5, ge=2, le=101, description="Frames of a path, evenly spread.")
    held_out: int = Field(
        256, ge=16, description="Other images, with frames, on which weight and epoch are chosen."
    )
    placebos: int = Field(
        64,
        ge=0,
        description="Of how many of these there is a placebo, as large as the edit, beside which "
        "weight and epoch are chosen. With fewer than 5 there is no test, and the one whose output "
        "moves least is taken.",
    )
    tolerance: float = Field(
        0.01,
        ge=0,
        lt=1,
        description="How far below the best accuracy on these frames what is chosen may be.",
    )
    to_paint: int = Field(
        24, ge=1, description="Pictures whose maps `snakemake to_paint` writes, of each repair."
    )
    test_images: int | None = Field(
        None, ge=32, description="Drawn test images per distribution; null takes `training`'s."
    )
    training: RepairTraining = Field(
        default=RepairTraining(), description="How a model is trained further."
    )
    maps: bool = Field(
        True,
        description="With a section `locate`: take its maps of the first repair of each model and "
        "method, too, and draw them beside those before.",
    )
    circuits: bool = Field(
        True,
        description="With a section `trace`: trace the first repair of each model and method, too, "
        "and say which units carry what before and after.",
    )

    @model_validator(mode="after")
    def _fits(self) -> "RepairSettings":
        lists: dict[str, list[Any]] = {
            "models": self.models or [],
            "against": self.against,
            "keep": self.keep or [],
            "methods (upper and lower case count as equal)": [one.lower() for one in self.methods],
        }
        for key, values in lists.items():
            check_differ(key, values)
        for name, method in self.methods.items():
            own = method.against or []
            check_differ(f"methods.{name}.against", own)
            for prop in own:
                if prop not in self.against:
                    raise ValueError(
                        f"methods.{name}.against names '{prop}', which is not in against: "
                        f"{', '.join(self.against)}"
                    )
        if self.paths > self.images:
            raise ValueError(f"paths are of images: {self.paths} is more than {self.images}")
        return self
