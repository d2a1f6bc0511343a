"""Settings of properties that an image editor varies, and of how editors are run."""

from typing import Annotated, Literal

from pydantic import Field

from zollstock.settings.base import HeightWidth, Section
from zollstock.settings.ledger import MeterSettings

Instruction = Annotated[str, Field(min_length=1, pattern=r"\S")]


class EditedProperty(MeterSettings):
    """What all editors share."""

    instruction: Instruction = Field(description="What the editor is told.")
    stop: float = Field(gt=0, description="Last value of the editor's knob.")
    steps: Annotated[int, Field(ge=3)] | Literal["adaptive"] = Field(
        17,
        description="Frames, evenly spaced. `adaptive` puts them where neighbours differ most.",
    )
    budget: int = Field(17, ge=5, description="Most frames of an adaptive path.")
    tolerance: float = Field(
        0.01,
        gt=0,
        description="Change between neighbours at which an adaptive path is fine enough: of the "
        "mean pixel, or of the probabilities of the models in `watch`, both in [0, 1].",
    )
    watch: list[str] = Field(
        default=[],
        description="Models whose probabilities say where an adaptive path needs frames; by "
        "default the pixels do.",
    )
    size: HeightWidth | None = Field(
        None, description="Height and width of the frames; by default the editor's own."
    )
    fit: Literal["crop", "stretch"] = Field(
        "crop",
        description="Images of another shape are cropped at the centre, or stretched.",
    )
    placebo: bool = Field(
        False, description="No sane model may depend on it; tables and figures mark it."
    )
    title: str | None = Field(None, description="Name in figures; by default the key.")


class DiffusionProperty(EditedProperty):
    """What all diffusion editors share."""

    checkpoint: str = Field(
        description="A Hugging Face id (owner/name), a local folder in diffusers' format, or "
        "`pets`, the small editor that ships with zollstock. `{data_dir}` is replaced."
    )
    revision: str | None = Field(
        None, description="Commit of the Hugging Face repository; needed with an id."
    )
    opposite: Instruction | None = Field(
        None,
        description="Instruction for the other direction; the axis then runs from -stop to stop.",
    )
    axis: Literal["zero", "paper"] = Field(
        "zero",
        description="`zero` starts at the editor's own reconstruction; `paper` puts the "
        "photograph first and sweeps from 1.01.",
    )


class InstructPix2PixProperty(DiffusionProperty):
    """InstructPix2Pix on Stable Diffusion 1.5 or XL; the knob is the text guidance."""

    engine: Literal["instruct_pix2pix"] = "instruct_pix2pix"
    stop: float = Field(15.0, gt=0, description="Last value of the text guidance.")
    image_guidance: float = Field(
        1.5,
        ge=1,
        description="How closely frames keep to the image; at 1 a third of the work is saved.",
    )
    denoising_steps: int = Field(20, ge=1, description="Steps of the sampler.")


class EditingSettings(Section):
    """How editors are run; only `dtype` and rounding reach the frames."""

    device: Literal["auto", "cpu", "cuda", "mps"] = Field(
        "auto", description="`auto` takes CUDA, then MPS, then the CPU."
    )
    dtype: Literal["float32", "bfloat16", "float16"] = Field(
        "float32", description="Floating-point type of the editor."
    )
    batch_size: Annotated[int, Field(ge=1)] | Literal["auto"] = Field(
        "auto",
        description="Frames at once; `auto` takes what fits a GPU's free memory, elsewhere 8. A "
        "batch that does not fit is halved.",
    )
    channels_last: bool = Field(True, description="Memory layout of convolutional networks.")
    attention: str = Field(
        "default", description="`default`, `sliced` (little memory), or a back-end of diffusers."
    )
    compile: bool = Field(False, description="Compile the network: slow start, faster frames.")
    checkpoints: str = Field(
        "resources/checkpoints", description="Where prefetched checkpoints lie."
    )
    max_failed: int = Field(
        0, ge=0, description="Paths per property that may fail before the run ends with an error."
    )
