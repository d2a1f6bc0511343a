"""A small editor in the format of InstructPix2Pix: its parts, built from nothing.

The format is that of Brooks et al., "InstructPix2Pix" (CVPR 2023), as diffusers keeps it: an
autoencoder, a CLIP text encoder with its tokenizer, and a UNet that sees the noisy latents and
the source's latents side by side. Everything is small enough for a CPU.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from diffusers import (
    AutoencoderTiny,
    StableDiffusionInstructPix2PixPipeline,
    UNet2DConditionModel,
    UniPCMultistepScheduler,
)
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTokenizer

KEEP = "keep"
"""The word for doing nothing; it and the empty instruction give one and the same embedding."""

START, END = "<|startoftext|>", "<|endoftext|>"
TOKENS = 8
"""Length every instruction is padded or cut to, start and end included."""


@dataclass(frozen=True)
class Size:
    """How large the editor is.

    Attributes
    ----------
    image
        Height and width of the images in pixels.
    autoencoder_channels
        Channels inside the autoencoder.
    autoencoder_blocks
        Residual blocks at each resolution of the encoder, finest first; the decoder mirrors
        them. Each further entry halves the resolution.
    latent_channels
        Channels of the latents.
    unet_channels
        Channels at each resolution of the UNet; only the coarsest attends to the text.
    text_width
        Width of the text encoder.
    """

    image: int = 64
    autoencoder_channels: int = 32
    autoencoder_blocks: tuple[int, ...] = (0, 1, 2)
    latent_channels: int = 12
    unet_channels: tuple[int, ...] = (48, 96)
    text_width: int = 32

    @property
    def factor(self) -> int:
        """Pixels per latent in each direction."""
        return int(2 ** (len(self.autoencoder_blocks) - 1))


def build_autoencoder(size: Size) -> AutoencoderTiny:
    """Return an untrained autoencoder."""
    levels = len(size.autoencoder_blocks)
    channels = (size.autoencoder_channels,) * levels
    return AutoencoderTiny(
        encoder_block_out_channels=channels,
        decoder_block_out_channels=channels,
        num_encoder_blocks=size.autoencoder_blocks,
        num_decoder_blocks=tuple(reversed(size.autoencoder_blocks)),
        latent_channels=size.latent_channels,
        upsampling_scaling_factor=2,
    )


def build_unet(size: Size) -> UNet2DConditionModel:
    """Return an untrained UNet with twice the latent channels at its input."""
    plain = len(size.unet_channels) - 1
    return UNet2DConditionModel(
        sample_size=size.image // size.factor,
        in_channels=2 * size.latent_channels,
        out_channels=size.latent_channels,
        block_out_channels=size.unet_channels,
        layers_per_block=1,
        down_block_types=("DownBlock2D",) * plain + ("CrossAttnDownBlock2D",),
        up_block_types=("CrossAttnUpBlock2D",) + ("UpBlock2D",) * plain,
        cross_attention_dim=size.text_width,
        # Diffusers' name for the number of heads.
        attention_head_dim=max(1, size.unet_channels[-1] // 48),
        norm_num_groups=8,
    )


def build_tokenizer(instructions: Sequence[str]) -> CLIPTokenizer:
    """Return a CLIP tokenizer that has one token for every word of `instructions`."""
    words = sorted({word for text in instructions for word in text.split()} | {KEEP})
    vocabulary = {START: 0, END: 1}
    for word in words:
        vocabulary[f"{word}</w>"] = len(vocabulary)
    for letter in "abcdefghijklmnopqrstuvwxyz":
        for symbol in (letter, f"{letter}</w>"):
            vocabulary.setdefault(symbol, len(vocabulary))
    merges: list[tuple[str, str]] = []
    for word in words:
        left, *rest = [*word[:-1], f"{word[-1]}</w>"]
        for right in rest:
            if (left, right) not in merges:
                merges.append((left, right))
            left += right
            vocabulary.setdefault(left, len(vocabulary))
    return CLIPTokenizer(vocab=vocabulary, merges=merges, model_max_length=TOKENS)


def build_text_encoder(size: Size, tokenizer: CLIPTokenizer) -> CLIPTextModel:
    """Return an untrained text encoder of one layer."""
    return CLIPTextModel(
        CLIPTextConfig(
            vocab_size=len(tokenizer),
            hidden_size=size.text_width,
            intermediate_size=2 * size.text_width,
            projection_dim=size.text_width,
            num_hidden_layers=1,
            num_attention_heads=2,
            max_position_embeddings=TOKENS,
            bos_token_id=0,
            eos_token_id=1,
            pad_token_id=1,
        )
    )


def tie_keep(text_encoder: CLIPTextModel, tokenizer: CLIPTokenizer) -> None:
    """Give the word `KEEP` the embedding of padding, so that it reads as no instruction."""
    table = text_encoder.get_input_embeddings().weight
    with torch.no_grad():
        table[tokenizer.convert_tokens_to_ids(f"{KEEP}</w>")] = table[tokenizer.pad_token_id]


def build_scheduler() -> UniPCMultistepScheduler:
    """Return schedule and sampler: v-prediction, zero terminal signal-to-noise ratio, trailing.

    With the usual schedules a little of the target's mean brightness survives at the noisiest
    step, and a model cannot move it (Lin et al., "Common Diffusion Noise Schedules and Sample
    Steps are Flawed", WACV 2024). The sampler solves the same ODE as DDIM to second order (Zhao
    et al., "UniPC", NeurIPS 2023): frames of ten steps are nearer to its end than those
    of twenty of DDIM (docs/editors.md).
    """
    return UniPCMultistepScheduler(
        beta_schedule="scaled_linear",
        beta_start=0.00085,
        beta_end=0.012,
        prediction_type="v_prediction",
        rescale_betas_zero_snr=True,
        timestep_spacing="trailing",
        solver_order=2,
        final_sigmas_type="zero",
    )


def build_editor(
    instructions: Sequence[str], size: Size | None = None
) -> StableDiffusionInstructPix2PixPipeline:
    """Return an untrained editor as a diffusers pipeline.

    The first weights come from torch's global generator.
    """
    size = size or Size()
    tokenizer = build_tokenizer(instructions)
    text_encoder = build_text_encoder(size, tokenizer)
    tie_keep(text_encoder, tokenizer)
    return StableDiffusionInstructPix2PixPipeline(
        vae=build_autoencoder(size),
        text_encoder=text_encoder,
        tokenizer=tokenizer,
        unet=build_unet(size),
        scheduler=build_scheduler(),
        safety_checker=None,
        feature_extractor=None,
        requires_safety_checker=False,
    )
