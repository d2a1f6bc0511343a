"""FLUX.1 Kontext: instruction editing by a guidance-distilled flow transformer."""

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image

from zollstock.engines.diffusion import checkpoints, instructions
from zollstock.engines.diffusion.base import DiffusionEngine
from zollstock.engines.diffusion.guidance import PerFrame
from zollstock.engines.diffusion.parts import trained_size
from zollstock.engines.registry import register
from zollstock.errors import ZollstockError

_TOKENS = 512
"""Length of the second text encoder's input; the first one only gives a summary."""

_ZEROS = {
    "instruction": "the editor without an instruction",
    "guidance": "the guidance embedding at 0, which the editor was not trained for; the "
    "instruction acts already",
}


@dataclass
class _Session:
    image: Image.Image
    seed: int
    texts: list[tuple[torch.Tensor, torch.Tensor]]
    nothing: tuple[torch.Tensor, torch.Tensor]


@register("flux_kontext")
class FluxKontextEngine(DiffusionEngine):
    """Sweeps the instruction's weight or the guidance; see `DiffusionEngine` for the rest.

    The model is guidance-distilled (Meng et al., "On Distillation of Guided Diffusion Models",
    CVPR 2023): it is told a guidance scale g as an input and predicts the guided velocity
    v(T, g) at once. No g makes it ignore the instruction T, so g has no zero point. Two knobs:

    - ``sweep: instruction``, s: v = v(∅, g) + s·(v(T, g) − v(∅, g)) with g fixed. s = 0 is the
      editor without an instruction, its nearest to a reconstruction; s = 1 the editor as
      published. Two evaluations per step (Batifol et al., "FLUX.1 Kontext", 2025, and
      classifier-free guidance, Ho & Salimans, 2022).
    - ``sweep: guidance``: v(T, g) with g on the axis; one evaluation per step. What the model
      makes of g = 0 is not a reconstruction; take ``axis: paper`` for one.

    Parameters
    ----------
    sweep
        ``instruction`` or ``guidance``.
    guidance
        g where it is not swept.
    """

    pipelines = ("FluxKontextPipeline",)
    multiple = 16

    def __init__(
        self,
        *,
        sweep: Literal["instruction", "guidance"] = "instruction",
        guidance: float = 2.5,
        **settings: Any,  # noqa: ANN401
    ) -> None:
        super().__init__(**settings)
        self.sweep, self.guidance = sweep, float(guidance)
        self._guidance: torch.Tensor | None = None

    @property
    def knob(self) -> str:  # type: ignore[override]
        """What is swept."""
        return "weight of the instruction" if self.sweep == "instruction" else "guidance scale"

    def native_size(self) -> tuple[int, int]:
        """Return a square megapixel, for which the editor was trained."""
        return trained_size(self.folder, "transformer")

    def check_instruction(self, text: str) -> None:
        """Raise if it is too long, or does not go with a sweep of the guidance."""
        instructions.check(text, self.folder, "tokenizer_2", _TOKENS)
        config = checkpoints.read_json_file(self.folder / "transformer" / "config.json")
        if self.sweep == "guidance" and self.opposite:
            raise ZollstockError(
                "properties: opposite",
                "is given beside sweep: guidance",
                "one of them: at guidance 0 both instructions act already, so that their halves "
                "of the axis do not meet",
                "Use sweep: instruction, or remove opposite.",
            )
        if self.sweep == "guidance" and not config.get("guidance_embeds"):
            raise ZollstockError(
                "properties: sweep",
                f"is guidance, but the checkpoint {self.folder} takes no guidance scale",
                "instruction, or a guidance-distilled checkpoint",
                "Use sweep: instruction.",
            )

    def facts(self) -> dict[str, Any]:
        """Return how the paths are made, for the manifest."""
        zero = {"zero": _ZEROS[self.sweep]} if self.axis == "zero" else {}
        return super().facts() | zero

    def load(self) -> Any:  # noqa: ANN401
        """Load the pipeline; the transformer gets each frame's own guidance scale."""
        pipeline = super().load()
        pipeline.transformer.register_forward_pre_hook(self._per_frame, with_kwargs=True)
        return pipeline

    def _per_frame(
        self, network: torch.nn.Module, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> tuple[tuple[Any, ...], dict[str, Any]]:
        # The pipeline's call takes one number for all frames.
        if self._guidance is not None:
            kwargs = kwargs | {"guidance": self._guidance}
        return args, kwargs

    def begin(self, image: Image.Image, seed: int) -> _Session:
        """Encode the instructions."""
        texts = [self.instruction] + ([self.opposite] if self.opposite else [])
        return _Session(image, seed, [self._encode(text) for text in texts], self._encode(""))

    def _encode(self, text: str) -> tuple[torch.Tensor, torch.Tensor]:
        long, pooled, _ = self.pipeline.encode_prompt(text, max_sequence_length=_TOKENS)
        return long, pooled

    def edit(self, session: _Session, values: NDArray[np.float64]) -> torch.Tensor:
        """Run the public pipeline once for all values."""
        pipeline, count = self.pipeline, len(values)
        scales = np.abs(values)
        texts = [session.texts[int(value < 0)] for value in values]
        extra: dict[str, Any] = {"guidance_scale": self.guidance}
        if self.sweep == "instruction":
            long, pooled = session.nothing
            extra |= {
                "true_cfg_scale": PerFrame(scales, axes=3),
                "negative_prompt_embeds": long.expand(count, -1, -1),
                "negative_pooled_prompt_embeds": pooled.expand(count, -1),
            }
        else:
            self._guidance = torch.as_tensor(scales, dtype=torch.float32, device=pipeline.device)
        return torch.as_tensor(
            pipeline(
                image=session.image,
                prompt_embeds=torch.cat([long for long, _ in texts]),
                pooled_prompt_embeds=torch.cat([pooled for _, pooled in texts]),
                height=self.size[0],
                width=self.size[1],
                # Otherwise frames and source are brought to a megapixel, whatever the size.
                max_area=self.size[0] * self.size[1],
                _auto_resize=False,
                num_inference_steps=self.denoising_steps,
                # Equal generators: every frame starts from the same noise.
                generator=[torch.Generator().manual_seed(session.seed) for _ in range(count)],
                output_type="pt",
                **extra,
            ).images
        )
