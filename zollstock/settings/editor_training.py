"""Settings of `snakemake train_editor`."""

from typing import Literal

from pydantic import Field

from zollstock.settings.base import Section, Seed


class EditorTrainingSettings(Section):
    """The project's own small editor: how `snakemake train_editor` makes it."""

    seed: Seed = Field(1, description="Of weights, pictures and noise.")
    device: Literal["auto", "cpu", "cuda", "mps"] = Field(
        "auto", description="Where it is trained."
    )
    design: Literal["tilt", "uniform"] = Field(
        "tilt",
        description="`tilt`: every pair jitters all properties and an instruction shifts one "
        "mean, which makes guidance a linear axis. `uniform`: the named property moves by a "
        "uniformly random strength.",
    )
    shift: float = Field(0.4, gt=0, le=1, description="How far an instruction shifts the mean.")
    jitter: float = Field(0.12, gt=0, le=1, description="Standard deviation of the jitter.")
    autoencoder_samples: int = Field(64_000, ge=16, description="Images the autoencoder sees.")
    samples: int = Field(360_000, ge=64, description="Pairs the editor sees.")
    passes: int = Field(4, ge=1, description="Passes over each set of pairs, with new noise.")
    batch: int = Field(64, ge=1, description="Pairs per step; more on a GPU.")
    rate: float = Field(1e-3, gt=0, description="Peak learning rate of the editor.")
    compile: bool = Field(
        False, description="Train through `torch.compile`: a minute at the start, faster on a GPU."
    )
    sources: int = Field(3000, ge=8, description="Source images drawn at a time.")
    stop: float = Field(2.0, gt=0, description="Guidance at the ends of a full edit.")
    image_guidance: float = Field(1.0, ge=1, description="Image guidance it is meant for.")
    denoising_steps: int = Field(10, ge=1, description="Sampler steps it is meant for.")
    gate_images: int = Field(32, ge=2, description="Held-out images of the gate.")
    gate_steps: int = Field(17, ge=5, description="Frames per path of the gate; odd.")
