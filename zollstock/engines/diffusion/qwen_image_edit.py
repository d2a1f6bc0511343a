"""Qwen-Image-Edit: instruction editing with a vision-language model as text encoder."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image

from zollstock.engines.diffusion import instructions, internals
from zollstock.engines.diffusion.base import DiffusionEngine
from zollstock.engines.diffusion.guidance import PerFrame
from zollstock.engines.diffusion.parts import per_instruction
from zollstock.engines.registry import register
from zollstock.errors import ZollstockError

_NOTHING = " "
"""The model card's negative prompt; the template does without an empty one."""

_TOKENS = 1024


class _Weights(PerFrame):
    """As `PerFrame`; this pipeline also asks whether the scale is at most 1."""

    def __le__(self, other: object) -> bool:
        return False


def _say_where_the_picture_is(
    encoder: Any,  # noqa: ANN401
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """Mark the picture's tokens, which the pipeline leaves out.

    Without the marks the encoder silently numbers the picture's tokens like words and gives
    other embeddings than those the editor was trained with.
    """
    if kwargs.get("mm_token_type_ids") is None and kwargs.get("image_grid_thw") is not None:
        marks = (kwargs["input_ids"] == encoder.config.image_token_id).int()
        kwargs = kwargs | {"mm_token_type_ids": marks}
    return args, kwargs


@dataclass
class _Session:
    image: Image.Image
    seed: int
    texts: list[torch.Tensor]
    nothing: torch.Tensor


@register("qwen_image_edit")
class QwenImageEditEngine(DiffusionEngine):
    """Sweeps the guidance s; see `DiffusionEngine` for the other parameters.

    v = c·‖v(T)‖/‖c‖ with c = v(∅) + s·(v(T) − v(∅)), norms taken per token; Wu et al.,
    "Qwen-Image Technical Report" (2025). ∅ is the source with the instruction " ". At s = 0
    v points where the editor would go without an instruction, which is its nearest to a
    reconstruction; only the length is that of v(T), as at all other values. s = 1 is the plain
    conditional prediction.

    The source is always shown to the editor at a megapixel, whatever the size of the frames.
    """

    pipelines = ("QwenImageEditPipeline",)
    knob = "true guidance scale"
    multiple = 16

    def native_size(self) -> tuple[int, int]:
        """Return a square megapixel, for which the editor was trained."""
        return 1024, 1024

    def check_instruction(self, text: str) -> None:
        """Raise if it is too long."""
        instructions.check(text, self.folder, "tokenizer", _TOKENS)

    def facts(self) -> dict[str, Any]:
        """Return how the paths are made, for the manifest."""
        zero = {"zero": "the editor without an instruction (guidance 0)"}
        return super().facts() | (zero if self.axis == "zero" else {})

    def replaced_parts(self) -> dict[str, object]:
        """Return the processor without videos."""
        from zollstock.engines.diffusion.qwen_processor import read_processor

        place = self.folder / "processor"
        try:
            return {"processor": read_processor(place)}
        except (OSError, ValueError) as error:
            raise ZollstockError(
                f"checkpoint {place}",
                f"cannot be read ({str(error).splitlines()[0]})",
                "the processor's configs and tokenizer",
                "Fetch the checkpoint again.",
            ) from None

    def load(self) -> Any:  # noqa: ANN401
        """Load the pipeline and let its text encoder know where the picture is."""
        pipeline = super().load()
        pipeline.text_encoder.register_forward_pre_hook(_say_where_the_picture_is, with_kwargs=True)
        return pipeline

    def begin(self, image: Image.Image, seed: int) -> _Session:
        """Encode the instructions, each together with the source."""
        texts = [self.instruction] + ([self.opposite] if self.opposite else [])
        encoded = [self._encode(image, text) for text in [*texts, _NOTHING]]
        return _Session(image, seed, encoded[:-1], encoded[-1])

    def _encode(self, image: Image.Image, text: str) -> torch.Tensor:
        pipeline = self.pipeline
        width, height = internals.shown_size(1024 * 1024, image.width / image.height)
        shown = pipeline.image_processor.resize(image, height, width)
        # One text alone has no padding, so its mask says nothing.
        return torch.as_tensor(pipeline.encode_prompt(text, image=shown)[0])

    def edit(self, session: _Session, values: NDArray[np.float64]) -> torch.Tensor:
        """Run the public pipeline once per instruction: their embeddings differ in length."""
        return per_instruction(values, lambda text, scales: self._edit(session, text, scales))

    def _edit(self, session: _Session, text: int, scales: NDArray[np.float64]) -> torch.Tensor:
        count = len(scales)
        return torch.as_tensor(
            self.pipeline(
                image=session.image,
                prompt_embeds=session.texts[text].expand(count, -1, -1),
                negative_prompt_embeds=session.nothing.expand(count, -1, -1),
                true_cfg_scale=_Weights(scales, axes=3),
                height=self.size[0],
                width=self.size[1],
                num_inference_steps=self.denoising_steps,
                # Equal generators: every frame starts from the same noise.
                generator=[torch.Generator().manual_seed(session.seed) for _ in range(count)],
                output_type="pt",
            ).images
        )
