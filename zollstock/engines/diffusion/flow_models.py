"""Stable Diffusion 3 and FLUX.1 as what they are: velocity fields over an image's latents."""

from abc import ABC, abstractmethod
from typing import Any

import numpy as np
import torch
from PIL import Image

from zollstock.engines.diffusion import internals

Condition = tuple[torch.Tensor, torch.Tensor, float]
"""A text's embeddings, its pooled embedding and the guidance the network is told."""


class FlowModel(ABC):
    """The parts of a pipeline that an ODE over its latents needs.

    Parameters
    ----------
    pipeline
        A pipeline of diffusers.
    """

    guidance: tuple[float, float]
    """Guidance of the source and of the target in the FlowEdit paper."""
    begins: float
    """Part of the steps that the paper edits; the noisier ones are left out."""
    tokenizers: tuple[tuple[str, int], ...]
    """The tokenizers that read the most of a prompt, with their limits."""

    def __init__(self, pipeline: Any) -> None:  # noqa: ANN401
        self.pipeline = pipeline

    @abstractmethod
    def conditions(
        self, source: str, target: str, guidance: tuple[float, float]
    ) -> list[Condition]:
        """Return the conditions under which the network is asked."""

    @abstractmethod
    def weights(self, guidance: tuple[float, float]) -> tuple[list[float], list[float]]:
        """Return the conditions' weights in the source's and in the target's velocity."""

    @abstractmethod
    def velocity(
        self, latents: torch.Tensor, sigma: float, conditions: list[Condition]
    ) -> torch.Tensor:
        """Return dz/dσ for each row of `latents` under its condition, in float32."""

    @abstractmethod
    def tokens(self, height: int, width: int) -> int:
        """Return the length of the sequence that an image of this size becomes."""

    def encode(self, image: Image.Image) -> torch.Tensor:
        """Return an image's latents, float32, shape (1, channels, height, width)."""
        pipeline, vae = self.pipeline, self.pipeline.vae
        pixels = pipeline.image_processor.preprocess(image).to(pipeline.device, vae.dtype)
        found = vae.encode(pixels).latent_dist.mode().float()
        return torch.as_tensor((found - vae.config.shift_factor) * vae.config.scaling_factor)

    def decode(self, latents: torch.Tensor) -> torch.Tensor:
        """Return frames in [0, 1], shape (n, 3, H, W)."""
        vae = self.pipeline.vae
        inside = latents / vae.config.scaling_factor + vae.config.shift_factor
        pixels = vae.decode(inside.to(vae.dtype), return_dict=False)[0]
        return torch.as_tensor(self.pipeline.image_processor.postprocess(pixels, output_type="pt"))

    def sigmas(self, steps: int, height: int, width: int) -> list[float]:
        """Return the pipeline's noise levels from 1 or a little less to 0, `steps` + 1 of them."""
        scheduler = self.pipeline.scheduler
        config = scheduler.config
        extra: dict[str, Any] = {}
        if config.get("use_dynamic_shifting"):
            extra["mu"] = internals.flux_shift(
                self.tokens(height, width),
                config.get("base_image_seq_len", 256),
                config.get("max_image_seq_len", 4096),
                config.get("base_shift", 0.5),
                config.get("max_shift", 1.15),
            )
        given = self.levels(steps)
        scheduler.set_timesteps(
            **({"num_inference_steps": steps} if given is None else given), **extra
        )
        return [float(sigma) for sigma in scheduler.sigmas]

    def levels(self, steps: int) -> dict[str, Any] | None:
        """Return noise levels before shifting if the pipeline does not leave them open."""
        return None


class StableDiffusion3(FlowModel):
    """v(z | text, s) = v(z, ∅) + s·(v(z, text) − v(z, ∅)): guidance outside the network."""

    guidance = (3.5, 13.5)
    begins = 33 / 50
    tokenizers = (("tokenizer_3", 256), ("tokenizer", 77))

    def conditions(
        self, source: str, target: str, guidance: tuple[float, float]
    ) -> list[Condition]:
        """Return ∅, source and target."""
        found: list[Condition] = []
        for text in ("", source, target):
            long, _, pooled, _ = self.pipeline.encode_prompt(
                text, None, None, do_classifier_free_guidance=False
            )
            found.append((long, pooled, 0.0))
        return found

    def weights(self, guidance: tuple[float, float]) -> tuple[list[float], list[float]]:
        """Return the weights of ∅, source and target."""
        source, target = guidance
        return [1 - source, source, 0.0], [1 - target, 0.0, target]

    def tokens(self, height: int, width: int) -> int:
        """Return the number of patches."""
        edge = self.pipeline.vae_scale_factor * self.pipeline.patch_size
        return (height // edge) * (width // edge)

    def velocity(
        self, latents: torch.Tensor, sigma: float, conditions: list[Condition]
    ) -> torch.Tensor:
        """Ask the transformer."""
        network = self.pipeline.transformer
        time = sigma * self.pipeline.scheduler.config.num_train_timesteps
        return torch.as_tensor(
            network(
                hidden_states=latents.to(network.dtype),
                timestep=torch.full([len(latents)], time, device=latents.device),
                encoder_hidden_states=torch.cat([long for long, _, _ in conditions]),
                pooled_projections=torch.cat([pooled for _, pooled, _ in conditions]),
                return_dict=False,
            )[0]
        ).float()


class Flux(FlowModel):
    """v(z | text, s): the network is told the guidance s."""

    guidance = (1.5, 5.5)
    begins = 24 / 28
    tokenizers = (("tokenizer_2", 512),)

    def conditions(
        self, source: str, target: str, guidance: tuple[float, float]
    ) -> list[Condition]:
        """Return source and target."""
        found: list[Condition] = []
        for text, scale in zip((source, target), guidance, strict=True):
            long, pooled, _ = self.pipeline.encode_prompt(text, None)
            found.append((long, pooled, scale))
        return found

    def weights(self, guidance: tuple[float, float]) -> tuple[list[float], list[float]]:
        """Return the weights of source and target; the guidance is in the conditions."""
        return [1.0, 0.0], [0.0, 1.0]

    def tokens(self, height: int, width: int) -> int:
        """Return the number of patches of 2×2 latents."""
        edge = self.pipeline.vae_scale_factor * 2
        return (height // edge) * (width // edge)

    def levels(self, steps: int) -> dict[str, Any]:
        """Return evenly spaced levels, as the pipeline takes them."""
        return {"sigmas": np.linspace(1.0, 1 / steps, steps)}

    def velocity(
        self, latents: torch.Tensor, sigma: float, conditions: list[Condition]
    ) -> torch.Tensor:
        """Ask the transformer, which sees patches of 2×2 latents."""
        pipeline, network = self.pipeline, self.pipeline.transformer
        count, _, height, width = latents.shape
        device, dtype = latents.device, network.dtype
        long = torch.cat([long for long, _, _ in conditions])
        guidance = None
        if network.config.guidance_embeds:
            guidance = torch.tensor([scale for *_, scale in conditions], device=device)
        found = network(
            hidden_states=internals.flux_patches(pipeline, latents.to(dtype)),
            timestep=torch.full([count], sigma, device=device, dtype=dtype),
            guidance=guidance,
            pooled_projections=torch.cat([pooled for _, pooled, _ in conditions]),
            encoder_hidden_states=long,
            txt_ids=torch.zeros(long.shape[1], 3, device=device, dtype=dtype),
            img_ids=internals.flux_places(pipeline, latents, dtype),
            return_dict=False,
        )[0]
        return internals.flux_latents(pipeline, found, height, width).float()


FLOW_MODELS: dict[str, type[FlowModel]] = {
    "StableDiffusion3Pipeline": StableDiffusion3,
    "FluxPipeline": Flux,
}
