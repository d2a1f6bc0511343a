"""What diffusers does not promise: its private methods and functions deep inside.

All uses stand here and nowhere else. `USED` lists them with the arguments they are called with;
a test compares it with the diffusers that is installed and names its version where one is gone.
Each is imported when it is called, since diffusers' modules take seconds.
"""

from typing import Any

import torch

USED: dict[str, tuple[str, ...]] = {
    "diffusers.StableDiffusionInstructPix2PixPipeline:_encode_prompt": (
        "prompt",
        "device",
        "num_images_per_prompt",
        "do_classifier_free_guidance",
    ),
    "diffusers.StableDiffusionInstructPix2PixPipeline:prepare_image_latents": (
        "image",
        "batch_size",
    ),
    "diffusers.StableDiffusionXLInstructPix2PixPipeline:prepare_image_latents": (
        "image",
        "batch_size",
    ),
    "diffusers.FluxPipeline:_pack_latents": (
        "latents",
        "batch_size",
        "num_channels_latents",
        "height",
        "width",
    ),
    "diffusers.FluxPipeline:_unpack_latents": ("latents", "height", "width", "vae_scale_factor"),
    "diffusers.FluxPipeline:_prepare_latent_image_ids": (
        "batch_size",
        "height",
        "width",
        "device",
        "dtype",
    ),
    "diffusers.FluxKontextPipeline:__call__": ("_auto_resize", "max_area", "true_cfg_scale"),
    "diffusers.LEditsPPPipelineStableDiffusion:prepare_unet": ("attention_store", "PnP"),
    "diffusers.LEditsPPPipelineStableDiffusionXL:prepare_unet": ("attention_store", "PnP"),
    "diffusers.pipelines.ledits_pp.pipeline_leditspp_stable_diffusion:LeditsAttentionStore": (
        "average",
        "batch_size",
        "max_resolution",
        "max_size",
    ),
    "diffusers.pipelines.flux.pipeline_flux:calculate_shift": (
        "image_seq_len",
        "base_seq_len",
        "max_seq_len",
        "base_shift",
        "max_shift",
    ),
    "diffusers.pipelines.qwenimage.pipeline_qwenimage_edit:calculate_dimensions": (
        "target_area",
        "ratio",
    ),
}
"""``module:attribute`` or ``module.Class:method`` → arguments."""


def encode_prompt(pipeline: Any, text: str) -> tuple[torch.Tensor, torch.Tensor]:  # noqa: ANN401
    """Return InstructPix2Pix's embeddings of a text and of none, each (1, tokens, width)."""
    both = pipeline._encode_prompt(text, pipeline.device, 1, True)
    return both[:1], both[1:2]


def flux_patches(pipeline: Any, latents: torch.Tensor) -> torch.Tensor:  # noqa: ANN401
    """Return latents (n, C, h, w) as FLUX.1's sequence of 2×2 patches."""
    return torch.as_tensor(pipeline._pack_latents(latents, *latents.shape))


def flux_places(pipeline: Any, latents: torch.Tensor, dtype: torch.dtype) -> torch.Tensor:  # noqa: ANN401
    """Return the positions of those patches."""
    count, _, height, width = latents.shape
    return torch.as_tensor(
        pipeline._prepare_latent_image_ids(count, height // 2, width // 2, latents.device, dtype)
    )


def flux_latents(pipeline: Any, patches: torch.Tensor, height: int, width: int) -> torch.Tensor:  # noqa: ANN401
    """Return patches as latents (n, C, height, width)."""
    factor = pipeline.vae_scale_factor
    return torch.as_tensor(
        pipeline._unpack_latents(patches, height * factor, width * factor, factor)
    )


def flux_shift(tokens: int, *line: float) -> float:
    """Return by how much FLUX.1's noise levels are shifted for a sequence of this length."""
    from diffusers.pipelines.flux.pipeline_flux import calculate_shift

    return float(calculate_shift(tokens, *line))


def shown_size(area: int, ratio: float) -> tuple[int, int]:
    """Return width and height at which Qwen-Image-Edit shows its text encoder the source."""
    from diffusers.pipelines.qwenimage import pipeline_qwenimage_edit

    width, height, *_ = pipeline_qwenimage_edit.calculate_dimensions(area, ratio)
    return int(width), int(height)
