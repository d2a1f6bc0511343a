"""InstructPix2Pix on Stable Diffusion 1.5 and XL: a whole guidance sweep in batches."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image

from zollstock.engines.diffusion import instructions, internals
from zollstock.engines.diffusion.base import DiffusionEngine
from zollstock.engines.diffusion.guidance import PerFrame, SharedBranches
from zollstock.engines.diffusion.parts import trained_size
from zollstock.engines.registry import register
from zollstock.errors import ZollstockError


class _KnownSource:
    """Mixed into a pipeline: the source's latents are encoded once for all batches."""

    source_latents: torch.Tensor

    def prepare_image_latents(
        self, image: object, batch_size: int, *_: object, **__: object
    ) -> torch.Tensor:
        """Return the latents for the branches (I,T), (I,∅) and (∅,∅)."""
        latents = self.source_latents.expand(batch_size, -1, -1, -1)
        return torch.cat([latents, latents, torch.zeros_like(latents)])


@cache
def _sweeping(name: str) -> type:
    """Return a pipeline of diffusers that is given the source's latents."""
    # Imported when a pipeline is loaded: diffusers takes seconds.
    import diffusers

    return type("Sweep", (_KnownSource, getattr(diffusers, name)), {})


@dataclass
class _Session:
    image: Image.Image
    latents: torch.Tensor
    """Of each source."""
    seeds: list[int]
    """Of each source."""
    embeddings: list[dict[str, torch.Tensor]]


@register("instruct_pix2pix")
class InstructPix2PixEngine(DiffusionEngine):
    """Sweeps the text guidance s_T; see `DiffusionEngine` for the other parameters.

    ε = ε(∅,∅) + s_I·(ε(I,∅) − ε(∅,∅)) + s_T·(ε(I,T) − ε(I,∅)); Brooks, Holynski & Efros,
    CVPR 2023. All frames of a path share the initial noise and the noise of every step.

    Parameters
    ----------
    image_guidance
        s_I; at 1 a third of the work is saved, since one branch cancels.
    """

    pipelines = (
        "StableDiffusionInstructPix2PixPipeline",
        "StableDiffusionXLInstructPix2PixPipeline",
    )
    knob = "guidance scale"
    joins = True
    slices = True

    def __init__(self, *, image_guidance: float = 1.5, **settings: Any) -> None:  # noqa: ANN401
        super().__init__(**settings)
        self.image_guidance = float(image_guidance)

    @property
    def _xl(self) -> bool:
        return "XL" in self.pipeline_name

    def native_size(self) -> tuple[int, int]:
        """Return the size that the checkpoint's UNet and autoencoder name."""
        return trained_size(self.folder, "unet", latents=64)

    def check_instruction(self, text: str) -> None:
        """Raise if it is too long, or no instruction that a small editor learnt."""
        instructions.check(text, self.folder)

    def load(self) -> Any:  # noqa: ANN401
        """Load the pipeline, with the source's latents and the UNet's branches shared."""
        loaded = super().load()
        channels = loaded.unet.config.in_channels
        latents = loaded.vae.config.latent_channels
        if channels != 2 * latents:
            raise ZollstockError(
                f"checkpoint {self.folder}",
                f"has a UNet of {channels} input channels beside {latents} latent channels",
                f"{2 * latents}: noisy latents and the source's, as InstructPix2Pix has them",
                "Choose a checkpoint that was trained for instruction editing.",
            )
        extra = {} if self._xl else {"requires_safety_checker": False}
        parts = dict(loaded.components)
        if "safety_checker" in parts:
            # It would blacken frames; black frames are looked for anyway.
            parts |= {"safety_checker": None}
        pipeline = _sweeping(self.pipeline_name)(**parts, **extra)
        pipeline.set_progress_bar_config(disable=True)
        pipeline.unet = SharedBranches(loaded.unet)
        return pipeline

    def begin(self, image: Image.Image, seed: int) -> _Session:
        """Encode the source and the instructions."""
        return self.begin_together([image], [seed])

    def begin_together(self, images: Sequence[Image.Image], seeds: Sequence[int]) -> _Session:
        """Encode several sources at once, and the instructions."""
        pipeline = self.pipeline
        pixels = pipeline.image_processor.preprocess(list(images))
        pixels = pixels.to(pipeline.device, pipeline.vae.dtype)
        found = pipeline.vae.encode(pixels)
        latents = found.latent_dist.mode() if hasattr(found, "latent_dist") else found.latents
        texts = [self.instruction] + ([self.opposite] if self.opposite else [])
        return _Session(images[0], latents, list(seeds), [self._encode(text) for text in texts])

    def _encode(self, text: str) -> dict[str, torch.Tensor]:
        pipeline = self.pipeline
        if self._xl:
            names = (
                "prompt_embeds",
                "negative_prompt_embeds",
                "pooled_prompt_embeds",
                "negative_pooled_prompt_embeds",
            )
            found = pipeline.encode_prompt(
                text, device=pipeline.device, do_classifier_free_guidance=True
            )
            return dict(zip(names, found, strict=True))
        text_embeds, none = internals.encode_prompt(pipeline, text)
        return {"prompt_embeds": text_embeds, "negative_prompt_embeds": none}

    def edit(self, session: _Session, values: NDArray[np.float64]) -> torch.Tensor:
        """Run the public pipeline once for all values; of several sources each has its own."""
        pipeline, count = self.pipeline, len(values)
        pipeline.source_latents = session.latents
        texts = (values < 0).astype(np.int64)
        scales = np.abs(values)
        one = len(session.latents) == 1
        seeds = session.seeds * count if one else session.seeds
        pipeline.unet.plan(scales, texts, self.image_guidance, pipeline.device, one_source=one)
        embeddings = {
            name: torch.cat([session.embeddings[text][name] for text in texts])
            for name in session.embeddings[0]
        }
        size = {"height": self.size[0], "width": self.size[1]} if self._xl else {}
        return torch.as_tensor(
            pipeline(
                image=session.image,
                num_inference_steps=self.denoising_steps,
                guidance_scale=PerFrame(scales),
                image_guidance_scale=self.image_guidance,
                # Equal generators: every frame of a source sees the same noise, also later.
                generator=[torch.Generator().manual_seed(seed) for seed in seeds],
                output_type="pt",
                **embeddings,
                **size,
            ).images
        )
