"""What all diffusion editors share: the axis, batches, memory, and frames that must not pass."""

import gc
import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path as FilePath
from typing import Any, ClassVar, Literal

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image

from zollstock.devices import hold_device
from zollstock.engines.adaptive import Measure, refine
from zollstock.engines.base import FailedPath, FramesMade, StepDone
from zollstock.engines.diffusion import checkpoints
from zollstock.errors import ZollstockError
from zollstock.images.geometry import Geometry
from zollstock.images.table import ImageRecord
from zollstock.paths import EditPath, PathShape

PAPER_START = 1.01
"""Where the paper's guidance sweep begins: at 1 and below, diffusers leaves guidance out."""

_CPU_BATCH = 8
"""Frames at once on a CPU, where they are large."""
_MOST_ON_CPU = 32
"""Frames at once on a CPU, where they are small; more are no faster."""
_CPU_BYTES = 2.4e9
"""What they may take there."""
_DTYPES = {"float32": torch.float32, "bfloat16": torch.bfloat16, "float16": torch.float16}


@dataclass(frozen=True)
class RunOptions:
    """How an editor is run; the frames do not depend on it but for rounding.

    Attributes
    ----------
    device
        ``auto``, ``cpu``, ``cuda`` or ``mps``.
    batch_size
        Frames at once, or ``auto``: on a GPU what fits into its free memory, elsewhere 8, and
        up to 32 of small ones. Where a batch does not fit, it is halved.
    channels_last
        Memory layout of convolutional networks.
    attention
        ``default``; ``sliced`` for little memory, where the editor can; or a name that
        diffusers' ``set_attention_backend`` knows, for transformers.
    compile
        Compile the network with ``torch.compile``: minutes at the start, faster afterwards.
        True compiles for batches of any size; the name of a mode for each size by itself.
    fuse_projections
        One matrix product for query, key and value where the network offers it.
    tune_kernels
        Let cuDNN time its convolutions and take the fastest.
    checkpoints
        Where prefetched checkpoints lie.
    watch
        What `steps: adaptive` looks at, from frames (n, H, W, 3) to numbers (n, k); by
        default the pixels.
    """

    device: str = "auto"
    batch_size: int | Literal["auto"] = "auto"
    channels_last: bool = True
    attention: str = "default"
    compile: bool | str = False
    fuse_projections: bool = False
    tune_kernels: bool = False
    checkpoints: FilePath = checkpoints.CHECKPOINTS
    watch: Measure | None = None


class DiffusionEngine(ABC):
    """Sweeps the knob of an image editor.

    Parameters
    ----------
    checkpoint, revision
        A local folder, or a Hugging Face id and the commit it is pinned to.
    instruction
        What the editor is told.
    opposite
        The instruction for the other direction. With it the axis runs from −stop to stop and
        a negative value −s is the opposite instruction at s.
    stop
        The knob's last value.
    steps
        Frames, evenly spaced; or ``adaptive``, see `zollstock.engines.adaptive`.
    budget, tolerance
        Most frames of an adaptive path, and the change between neighbours at which it stops.
    axis
        ``zero`` begins at the editor's own reconstruction, knob 0, so that the autoencoder's
        loss is no effect. ``paper`` puts the photograph first and sweeps from 1.01.
    size, fit
        Height and width of the frames (by default the editor's own), and whether images are
        cropped at the centre or stretched to it.
    denoising_steps
        Steps of the sampler.
    dtype
        ``float32``, ``bfloat16`` or ``float16``.
    run
        See `RunOptions`.
    """

    version = "1"
    takes_run_options = True
    pipelines: ClassVar[tuple[str, ...]]
    """Names of the diffusers pipelines that this engine runs."""
    knob: ClassVar[str]
    """What is swept."""
    batched: ClassVar[bool] = True
    """Whether frames with different values of the knob can share a batch."""
    joins: ClassVar[bool] = False
    """Whether several sources can share a batch; `begin_together` then encodes them."""
    slices: ClassVar[bool] = False
    """Whether attention can be computed in slices."""
    multiple: ClassVar[int] = 8
    """Height and width must be multiples of this."""
    frames_made: FramesMade | None = None
    """See `zollstock.engines.base.ShowsFrames`."""

    def __init__(
        self,
        *,
        checkpoint: str,
        instruction: str,
        stop: float,
        steps: int | Literal["adaptive"],
        denoising_steps: int,
        revision: str | None = None,
        opposite: str | None = None,
        budget: int = 17,
        tolerance: float = 0.01,
        axis: Literal["zero", "paper"] = "zero",
        size: Sequence[int] | None = None,
        fit: str = "crop",
        dtype: str = "float32",
        run: RunOptions | None = None,
    ) -> None:
        self.run = run or RunOptions()
        self.folder = checkpoints.open_folder(checkpoint, revision, self.run.checkpoints)
        self.pipeline_name = checkpoints.pipeline_class(self.folder, self.pipelines)
        self.instruction, self.opposite = instruction, opposite
        self.stop, self.steps, self.axis = float(stop), steps, axis
        self.budget, self.tolerance = budget, tolerance
        self.denoising_steps = denoising_steps
        self.size = (int(size[0]), int(size[1])) if size is not None else self.native_size()
        self.geometry = Geometry(self.size, "bicubic", fit)
        self.dtype = _DTYPES[dtype]
        self._pipeline: Any = None
        self._batch: int | None = None if self.run.batch_size == "auto" else self.run.batch_size

    # --- what an editor has to say -------------------------------------------------

    @abstractmethod
    def native_size(self) -> tuple[int, int]:
        """Return the height and width the editor was trained at."""

    @abstractmethod
    def begin(self, image: Image.Image, seed: int) -> Any:  # noqa: ANN401
        """Encode what all frames of a path share."""

    @abstractmethod
    def edit(self, session: Any, values: NDArray[np.float64]) -> torch.Tensor:  # noqa: ANN401
        """Return the frames for these values of the knob, (n, 3, H, W) in [0, 1]."""

    def begin_together(self, images: Sequence[Image.Image], seeds: Sequence[int]) -> Any:  # noqa: ANN401
        """Encode several sources, each with its own seed, where the editor can; see `joins`.

        `edit` then makes a frame of each.
        """
        raise NotImplementedError

    def check_instruction(self, text: str) -> None:  # noqa: B027 - most have nothing to check
        """Raise a `ZollstockError` if the editor cannot take this instruction."""

    # --- an engine ------------------------------------------------------------------

    @property
    def knob_values(self) -> NDArray[np.float64]:
        """The knob at the evenly spaced steps, the photograph of ``axis: paper`` left out."""
        assert self.steps != "adaptive", "an adaptive path finds its steps"
        if self.axis == "paper":
            return np.linspace(PAPER_START, self.stop, self.steps)
        return np.linspace(-self.stop if self.opposite else 0.0, self.stop, self.steps)

    def shape(self, images: Sequence[ImageRecord]) -> PathShape:
        """Check instructions and size; return the common size of all paths."""
        for text in filter(None, [self.instruction, self.opposite]):
            self.check_instruction(text)
        if any(edge % self.multiple for edge in self.size):
            raise ZollstockError(
                "properties: size",
                f"is {self.size[0]}×{self.size[1]}",
                f"multiples of {self.multiple}, which this editor needs",
                "Round both numbers; images of any size are cropped or stretched to it.",
            )
        steps = self.budget if self.steps == "adaptive" else self.steps
        return PathShape(steps + (self.axis == "paper"), *self.size)

    def inputs(self, image: ImageRecord) -> dict[str, str]:
        """Return the checksum of the checkpoint."""
        return {"checkpoint": checkpoints.checksum(self.folder)}

    def facts(self) -> dict[str, Any]:
        """Return how the paths are made, for the manifest."""
        return {
            "pipeline": self.pipeline_name,
            "knob": self.knob,
            "zero": "the photograph" if self.axis == "paper" else "the editor at knob 0",
            "size": list(self.size),
            "fit": self.geometry.fit,
            "batches": "frames share batches" if self.batched else "frame by frame",
        }

    def path(self, image: ImageRecord, seed: int, step_done: StepDone) -> EditPath:
        """Sweep the knob on one image."""
        source = self.geometry.apply(image.pixels()[None])[0]
        opened = self.opened(image, seed)

        def frames_at(values: NDArray[np.float64]) -> NDArray[np.uint8]:
            frames = opened(values)
            step_done(len(frames))
            return frames

        if self.steps == "adaptive":
            first = -self.stop if self.opposite else 0.0
            values, frames = refine(
                frames_at, first, self.stop, self.budget, self.tolerance, self.run.watch
            )
            step_done(self.budget - len(values))
        else:
            values = self.knob_values
            frames = frames_at(values)
        if self.axis == "paper":
            step_done(1)
            before = values[0] - np.diff(values).mean()
            return EditPath(
                np.concatenate([source[None], frames]), np.insert(values, 0, before), source
            )
        return EditPath(frames, values, frames[np.argmin(np.abs(values))])

    def opened(
        self, image: ImageRecord, seed: int
    ) -> Callable[[NDArray[np.float64]], NDArray[np.uint8]]:
        """Return what makes the frames of one path, uint8 (n, *size, 3), from values of the knob.

        Raises
        ------
        FailedPath
            Then or when it is called: a frame is black or holds no numbers.
        """
        source = self.geometry.apply(image.pixels()[None])[0]
        session = self.begin_checked(source, seed % 2**63)  # torch takes no larger one
        return lambda values: self._frames(session, values, source)

    def unedited(
        self, groups: Sequence[NDArray[np.uint8]], seeds: Sequence[int], step_done: StepDone
    ) -> Iterator[NDArray[np.uint8] | FailedPath]:
        """Yield what the editor makes of groups of pictures at knob 0, group by group.

        Batches are filled across groups; each picture has the seed of its group, so that its
        frame does not depend on what shares its batch, but for rounding.

        Parameters
        ----------
        groups
            Pictures, uint8, each of shape (n, height, width, 3).
        seeds
            Of the editor's noise, one per group.
        step_done
            Called with the number of frames finished.

        Yields
        ------
        ndarray or FailedPath
            Frames, uint8, shape (n, *size, 3); or why the group has none.
        """
        if not groups:
            return
        sources = self.geometry.apply(np.concatenate(groups))
        lengths = [len(group) for group in groups]
        of_each = np.repeat([seed % 2**63 for seed in seeds], lengths).tolist()

        def edit(part: slice) -> torch.Tensor:
            images = [Image.fromarray(source) for source in sources[part]]
            if self.joins:
                session = self.begin_together(images, of_each[part])
            else:
                session = self.begin(images[0], of_each[part][0])
            return self.edit(session, np.zeros(len(images)))

        ends = np.cumsum(lengths).tolist()
        made = torch.empty(0)
        for part, found in self._batches(edit, len(sources), together=self.joins):
            made = torch.cat([made, found]) if len(made) else found
            step_done(len(found))
            while ends and part.stop >= ends[0]:
                count, end = lengths.pop(0), ends.pop(0)
                try:
                    yield self._checked(made[:count], np.zeros(count), sources[end - count : end])
                except FailedPath as reason:
                    yield reason
                made = made[count:]

    # --- memory and batches -----------------------------------------------------------

    @property
    def pipeline(self) -> Any:  # noqa: ANN401
        """The pipeline on its device, loaded when first asked for."""
        if self._pipeline is None:
            self._pipeline = self.load()
        return self._pipeline

    def load(self) -> Any:  # noqa: ANN401
        """Load the pipeline and apply the run options."""
        device = hold_device(self.run.device)
        if device.type == "cpu" and self.dtype == torch.float16:
            raise ZollstockError(
                "editing.dtype",
                "is float16 on a CPU, whose kernels lack it or are slow",
                "float32 or bfloat16",
                "Change editing.dtype, or run on a GPU.",
            )
        try:
            pipeline = checkpoints.load_pipeline(
                self.folder, self.pipeline_name, self.dtype, **self.replaced_parts()
            ).to(device)
        except (torch.OutOfMemoryError, MemoryError):
            raise self._too_large("the editor does not fit") from None
        self.tune(pipeline)
        return pipeline

    def replaced_parts(self) -> dict[str, object]:
        """Return components to load a pipeline with instead of the checkpoint's own."""
        return {}

    def tune(self, pipeline: Any) -> None:  # noqa: ANN401
        """Apply memory layout, attention and compilation to the denoising network."""
        if self.run.tune_kernels:
            torch.backends.cudnn.benchmark = True
        for name in ("unet", "transformer"):
            network = getattr(pipeline, name, None)
            if network is None:
                continue
            if self.run.channels_last and name == "unet":
                network.to(memory_format=torch.channels_last)
            if self.run.attention == "sliced":
                self._slice_attention(pipeline)
            elif self.run.attention != "default":
                self._set_attention(network)
            if self.run.fuse_projections:
                network.fuse_qkv_projections()
            if self.run.compile is True:
                network.compile(dynamic=True)
            elif self.run.compile:
                network.compile(mode=self.run.compile, dynamic=False)
                decoder = getattr(pipeline.vae, "decoder", None)
                if isinstance(decoder, torch.nn.Module):
                    decoder.compile(mode=self.run.compile, dynamic=False)

    def _slice_attention(self, pipeline: Any) -> None:  # noqa: ANN401
        if not self.slices:  # diffusers would pass over it in silence
            raise ZollstockError(
                "editing.attention",
                f"is 'sliced', and {self.pipeline_name} cannot compute attention in slices",
                "default, or a back-end that diffusers offers this network",
                "Use 'default'; with too little memory a smaller size.",
            )
        pipeline.enable_attention_slicing("max")  # half the heads, its default, may be none

    def _set_attention(self, network: Any) -> None:  # noqa: ANN401
        try:
            network.set_attention_backend(self.run.attention)
        except (AttributeError, ValueError, ImportError, RuntimeError) as error:
            raise ZollstockError(
                "editing.attention",
                f"is '{self.run.attention}' ({str(error).splitlines()[0]})",
                "default, sliced, or a back-end that diffusers offers this network",
                "Use 'default'.",
            ) from None

    def begin_checked(self, source: NDArray[np.uint8], seed: int) -> Any:  # noqa: ANN401
        """Call `begin` without gradients; too little memory becomes a message."""
        try:
            with torch.inference_mode():
                return self.begin(Image.fromarray(source), seed)
        except (torch.OutOfMemoryError, MemoryError):
            raise self._too_large("one image cannot be encoded") from None

    def _frames(
        self,
        session: Any,  # noqa: ANN401
        values: NDArray[np.float64],
        source: NDArray[np.uint8],
    ) -> NDArray[np.uint8]:
        sources = np.broadcast_to(source, (len(values), *source.shape))
        return self._in_batches(
            lambda part: self.edit(session, values[part]), values, sources, together=self.batched
        )

    def _in_batches(
        self,
        edit: Callable[[slice], torch.Tensor],
        values: NDArray[np.float64],
        sources: NDArray[np.uint8],
        *,
        together: bool,
    ) -> NDArray[np.uint8]:
        """Make a frame per value and check each."""
        made = []
        for part, found in self._batches(edit, len(values), together=together):
            made.append(self._checked(found, values[part], sources[part]))
            if self.frames_made is not None:
                self.frames_made(values[part], made[-1])
        return np.concatenate(made)

    def _batches(
        self, edit: Callable[[slice], torch.Tensor], count: int, *, together: bool
    ) -> Iterator[tuple[slice, torch.Tensor]]:
        """Yield frames on the CPU, as many at once as fit; too little memory halves the batch."""
        done = 0
        while done < count:
            most, left = self._batch_size() if together else 1, count - done
            # Batches of about one size: a last one of a single frame wastes half its time.
            size = math.ceil(left / math.ceil(left / most))
            part = slice(done, done + size)
            try:
                with torch.inference_mode():
                    found = edit(part).float().cpu()
            except (torch.OutOfMemoryError, MemoryError, RuntimeError) as error:
                if not _out_of_memory(error):
                    raise
                if size == 1:
                    raise self._too_large("one frame does not fit") from None
                self._batch = size // 2
                _free_memory()
                continue
            yield part, found
            done += size

    def _batch_size(self) -> int:
        if self._batch is None:
            device = self.pipeline.device
            # A tenth of a gigabyte per frame of 64×64 latents covers the UNet's largest maps.
            latents = self.size[0] * self.size[1] / 64
            per_frame = max(3e8 * latents / 4096, 1.0)
            self._batch = int(max(_CPU_BATCH, min(_MOST_ON_CPU, _CPU_BYTES / per_frame)))
            if device.type == "cuda":
                free, _ = torch.cuda.mem_get_info(device)
                self._batch = int(max(1, min(64, 0.8 * free / per_frame)))
        return self._batch

    def _checked(
        self, frames: torch.Tensor, values: NDArray[np.float64], sources: NDArray[np.uint8]
    ) -> NDArray[np.uint8]:
        finite = torch.isfinite(frames).flatten(1).all(1).numpy()
        if not finite.all():
            raise FailedPath(f"NaN or infinity at {self.knob} {values[~finite][0]:g}")
        pixels = (frames.clamp(0, 1) * 255).round().to(torch.uint8)
        black = (pixels.flatten(1).amax(1) == 0).numpy() & sources.any(axis=(1, 2, 3))
        if black.any():
            raise FailedPath(f"a black frame at {self.knob} {values[black][0]:g}")
        return pixels.permute(0, 2, 3, 1).contiguous().numpy()

    def _too_large(self, what: str) -> ZollstockError:
        sliced = ", attention 'sliced'" if self.slices else ""
        return ZollstockError(
            f"checkpoint {self.folder}",
            f"{what} into the memory of this machine's {self.run.device} device",
            "more free memory",
            f"Use editing.dtype bfloat16, a smaller size{sliced} or a larger device.",
        )


def _out_of_memory(error: BaseException) -> bool:
    if isinstance(error, torch.OutOfMemoryError | MemoryError):
        return True
    text = str(error)
    return "not enough memory" in text or "can't allocate memory" in text


def _free_memory() -> None:
    gc.collect()
    if torch.cuda.is_available():
        torch.cuda.empty_cache()
