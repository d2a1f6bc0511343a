"""Settings of properties that an image editor varies, and of how editors are run."""

from collections.abc import Sequence
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from zollstock.engines.diffusion.places import is_hub_id
from zollstock.errors import ZollstockError, did_you_mean
from zollstock.settings.base import HeightWidth, Instruction, Section
from zollstock.settings.images import WorldSettings
from zollstock.settings.naming import NamedProperty
from zollstock.settings.traits import Checkpoint, Surroundings, UserFiles

KEEP = "keep"
"""What an editor is told where nothing is asked of it; small editors read it as no instruction."""


class DiffusionProperty(NamedProperty):
    """What all diffusion editors share."""

    checkpoint: str = Field(
        description="A Hugging Face id (owner/name), a local folder in diffusers' format, or "
        "`pets`, the small editor that ships with zollstock. `{data_dir}` is replaced."
    )
    revision: str | None = Field(
        None,
        description="Commit of the Hugging Face repository, needed with an id. A branch or tag "
        "is resolved to its commit when it is fetched, and that is recorded.",
    )
    instruction: Instruction = Field(description="What the editor is told.")
    stop: float = Field(gt=0, description="Last value of the editor's knob.")
    steps: Annotated[int, Field(ge=3)] | Literal["adaptive"] = Field(
        17,
        description="Frames, evenly spaced. `adaptive` puts them where neighbours differ most.",
    )
    replicates: int = Field(
        1,
        ge=1,
        le=1000,
        description="Paths per image, each under its own seed. Scores are averaged over them; "
        "with 5 or more the slope is tested over seeds.",
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
    opposite: Instruction | None = Field(
        None,
        description="Instruction for the other direction; the axis then runs from -stop to stop.",
    )
    axis: Literal["zero", "paper"] = Field(
        "zero",
        description="`zero` starts at the editor's own reconstruction; `paper` puts the "
        "photograph first and sweeps from 1.01.",
    )

    environment: ClassVar[str] = "editors"
    edited: ClassVar[bool] = True
    may_fail: ClassVar[bool] = True
    parameters: ClassVar[float] = 0
    """Numbers in the largest weights that the engine takes (docs/editors.md)."""

    where_to: ClassVar[frozenset[str]] = frozenset(
        {"instruction", "opposite", "reverse", "stop", "steps", "budget", "tolerance", "axis"}
    )
    """Keys that say where a path goes; with the others equal, the editor is the same."""

    def draws(self) -> int:
        """Return how many paths an image has."""
        return self.replicates

    def watched(self) -> Sequence[str]:
        """Return the models that say where a path needs frames."""
        return self.watch

    def weights(self) -> Checkpoint:
        """Return the editor's weights."""
        return Checkpoint(self.checkpoint, self.revision, self.parameters)

    def two_sided(self) -> bool:
        """Return whether the axis runs to both sides of zero."""
        return bool(self.opposite or getattr(self, "reverse", False))

    def span(self) -> tuple[float, float]:
        """Return the ends of the knob."""
        return (-self.stop if self.two_sided() else 0.0, self.stop)

    def frame_settings(self, around: Surroundings) -> dict[str, Any]:
        """Return all settings that frames depend on, the floating-point type included."""
        return super().frame_settings(around) | {"dtype": around.dtype}

    def placebo_settings(self, around: Surroundings) -> dict[str, Any] | None:
        """Return the settings of the same editor under other instructions, or at rest.

        Photographs without harmless instructions get changes of their pixels.

        The engine wants an instruction and a range. Harmless instructions take the place of the
        first and go as far as the edits do (`plan.placebos`); without any the knob stays at 0
        and neither matters.
        """
        instructions = list(around.placebos.instructions)
        if around.placebos.engine == "pixels" or (not around.drawn and not instructions):
            return around.pixel_placebos()
        editor = {
            key: value
            for key, value in self.frame_settings(around).items()
            if key not in self.where_to
        } | {"instruction": KEEP, "stop": 1.0}
        if instructions:  # then nothing is drawn, and no setting of the world matters
            world = WorldSettings()
            drawn = {"world": world.name, "size": world.size, "latents": None, "tested": []}
            drawn |= around.matched_placebos()
        else:
            drawn = around.drawn_placebos()
        return {"engine": "placebo_edited", "editor": editor, "instructions": instructions} | drawn

    def check(self, where: str, around: Surroundings) -> None:
        """Check revision, steps, axis and watched models."""
        if is_hub_id(self.checkpoint) and not self.revision:
            raise ZollstockError(
                f"{where}.revision",
                f"is missing beside the checkpoint '{self.checkpoint}'",
                "a commit: without one, the same study may give other frames tomorrow",
                f"Copy it from https://huggingface.co/{self.checkpoint}/commits/main, or correct "
                "the checkpoint if it is meant to be a folder.",
            )
        if self.two_sided() and isinstance(self.steps, int) and self.steps % 2 == 0:
            raise ZollstockError(
                f"{where}.steps",
                f"is {self.steps}, but the axis runs from -{self.stop:g} to {self.stop:g}",
                "an odd number, so that one step is 0, the unedited image",
                f"Use {self.steps + 1}.",
            )
        if self.two_sided() and self.axis == "paper":
            raise ZollstockError(
                f"{where}.opposite",
                "is given beside axis: paper",
                "one of them: the paper's axis has one direction",
                "Remove it, or use axis: zero.",
            )
        if self.watch and self.steps != "adaptive":
            raise ZollstockError(
                f"{where}.watch",
                f"names models, but steps is {self.steps}",
                "steps: adaptive",
                "Set it, or remove watch.",
            )
        for model in self.watch:
            if model not in around.models:
                raise ZollstockError(
                    f"{where}.watch",
                    f"names the model '{model}'",
                    "a model of this study",
                    did_you_mean(model, around.models),
                )
        self.check_steps(self.budget if self.steps == "adaptive" else self.steps, where, around)


class InstructPix2PixProperty(DiffusionProperty):
    """InstructPix2Pix on Stable Diffusion 1.5 or XL; the knob is the text guidance."""

    parameters: ClassVar[float] = 3.5e9

    engine: Literal["instruct_pix2pix"] = "instruct_pix2pix"
    stop: float = Field(15.0, gt=0, description="Last value of the text guidance.")
    image_guidance: float = Field(
        1.5,
        ge=1,
        description="How closely frames keep to the image; at 1 a third of the work is saved.",
    )
    denoising_steps: int = Field(20, ge=1, description="Steps of the sampler.")


class LeditsPPProperty(DiffusionProperty):
    """LEDITS++ on Stable Diffusion 1.5 or XL; the knob is the editing guidance."""

    parameters: ClassVar[float] = 3.5e9

    engine: Literal["ledits_pp"] = "ledits_pp"
    stop: float = Field(15.0, gt=0, description="Last value of the editing guidance.")
    source_prompt: str = Field("", description="A description of the image as it is.")
    reverse: bool = Field(
        False,
        description="Negative values guide away from the instruction, instead of `opposite`.",
    )
    skip: float = Field(
        0.15, ge=0, lt=1, description="Part of the noisiest steps left out; more keeps more."
    )
    edit_threshold: float = Field(
        0.9, ge=0, lt=1, description="Quantile below which nothing is edited."
    )
    mask: Literal["both", "attention", "noise"] = Field(
        "both", description="What says where the edit is: attention, the noise, or both."
    )
    warmup_steps: int = Field(0, ge=0, description="Steps at the beginning without guidance.")
    zero_noise_steps: int = Field(
        3, ge=0, description="XL only: last steps without noise; 0 makes knob 0 exact."
    )
    denoising_steps: int = Field(50, ge=2, description="Steps of the sampler.")


class FluxKontextProperty(DiffusionProperty):
    """FLUX.1 Kontext; the knob is the weight of the instruction, or the guidance."""

    parameters: ClassVar[float] = 17e9

    engine: Literal["flux_kontext"] = "flux_kontext"
    stop: float = Field(2.0, gt=0, description="Last value of the knob.")
    sweep: Literal["instruction", "guidance"] = Field(
        "instruction",
        description="`instruction` sweeps its weight at fixed guidance, 0 being without it; "
        "`guidance` sweeps the distilled guidance, which has no zero point.",
    )
    guidance: float = Field(2.5, ge=0, description="Guidance where it is not swept.")
    denoising_steps: int = Field(28, ge=1, description="Steps of the sampler.")


class QwenImageEditProperty(DiffusionProperty):
    """Qwen-Image-Edit; the knob is the true guidance."""

    parameters: ClassVar[float] = 29e9

    engine: Literal["qwen_image_edit"] = "qwen_image_edit"
    stop: float = Field(8.0, gt=0, description="Last value of the true guidance.")
    denoising_steps: int = Field(40, ge=1, description="Steps of the sampler.")


class FlowEditProperty(DiffusionProperty):
    """FlowEdit on Stable Diffusion 3 or FLUX.1; the knob is the strength of the edit."""

    parameters: ClassVar[float] = 17e9

    engine: Literal["flowedit"] = "flowedit"
    stop: float = Field(1.0, gt=0, description="Last strength; 1 is the paper's edit.")
    source_prompt: str = Field("", description="A description of the image as it is.")
    source_guidance: float | None = Field(
        None, description="Guidance of the source prompt; by default the paper's."
    )
    target_guidance: float | None = Field(
        None, description="Guidance of the instruction; by default the paper's."
    )
    n_max: int | None = Field(
        None, ge=1, description="How many of the last steps edit; by default the paper's part."
    )
    n_min: int = Field(0, ge=0, description="Last steps that sample the target alone.")
    n_avg: int = Field(1, ge=1, description="Noises that are averaged.")
    denoising_steps: int = Field(50, ge=1, description="Steps of the sampler.")


class CommandProperty(NamedProperty):
    """Any program that makes the frames; see docs/editors.md."""

    engine: Literal["command"] = "command"
    command: str | list[str] = Field(
        min_length=1,
        description="The program and its arguments; `{image}`, `{axis}`, `{output}`, "
        "`{instruction}`, `{seed}` and `{size}` are replaced. No shell.",
    )
    instruction: str = Field("", description="What the program is told.")
    start: float = Field(0.0, description="First value of the axis.")
    stop: float = Field(1.0, description="Last value of the axis.")
    steps: int = Field(17, ge=3, description="Frames, evenly spaced.")
    size: HeightWidth | None = Field(
        None, description="Height and width of the frames; by default the images'."
    )
    fit: Literal["crop", "stretch"] = Field(
        "crop", description="Images of another shape are cropped at the centre, or stretched."
    )
    timeout: float = Field(3600.0, gt=0, description="Seconds an image may take.")
    version: str = Field("1", description="Raise it when the program changes.")

    may_fail: ClassVar[bool] = True

    def span(self) -> tuple[float, float]:
        """Return the ends of the axis."""
        return (self.start, self.stop)

    def user_files(self) -> UserFiles:
        """Return the program and its arguments, some of which may be files."""
        return UserFiles(command=self.command)


class EditingSettings(Section):
    """How editors are run; only `dtype`, 8-bit attention and rounding reach the frames."""

    device: Literal["auto", "cpu", "cuda", "mps"] = Field(
        "auto", description="`auto` takes CUDA, then MPS, then the CPU."
    )
    dtype: Literal["float32", "bfloat16", "float16"] = Field(
        "float32", description="Floating-point type of the editor."
    )
    batch_size: Annotated[int, Field(ge=1)] | Literal["auto"] = Field(
        "auto",
        description="Frames at once; `auto` takes what fits a GPU's free memory, elsewhere 8, or "
        "up to 32 of small ones. A batch that does not fit is halved.",
    )
    channels_last: bool = Field(True, description="Memory layout of convolutional networks.")
    attention: str = Field(
        "default",
        description="`default`, `sliced` (little memory; InstructPix2Pix alone), or a back-end of "
        "diffusers. Those named `sage` compute in 8 bits: with them frames are made again.",
    )
    compile: bool | Literal["default", "reduce-overhead", "max-autotune"] = Field(
        False,
        description="Compile the network: slow start, faster frames. `true` compiles once for all "
        "batch sizes; a mode of `torch.compile` once for each, to faster code, and "
        "`reduce-overhead` and `max-autotune` replay it as a CUDA graph.",
    )
    fuse_projections: bool = Field(
        False, description="One product for query, key and value where the network offers it."
    )
    tune_kernels: bool = Field(
        False,
        description="Let cuDNN time its convolutions first, on a GPU. Two runs may then choose "
        "differently and round differently.",
    )
    checkpoints: str = Field(
        "resources/checkpoints", description="Where prefetched checkpoints lie."
    )
    max_failed: int = Field(
        0, ge=0, description="Paths per property that may fail before the run ends with an error."
    )

    def run_options(self) -> dict[str, Any]:
        """Return how an editor is run: frames depend on it in their last digit.

        What a path takes from an editor reaches its settings, and how many failures are too many
        is decided when paths are gathered.
        """
        return self.model_dump(exclude={"max_failed", "dtype"})

    def inexact(self) -> dict[str, Any]:
        """Return what of that frames do show: SageAttention computes in 8 bits."""
        return {"attention": self.attention} if "sage" in self.attention else {}
