"""Training of a small editor on pairs of drawn images."""

import copy
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import torch
from diffusers import AutoencoderTiny, StableDiffusionInstructPix2PixPipeline
from numpy.typing import NDArray

from zollstock.editors.architecture import tie_keep
from zollstock.editors.pairs import EDITS, Design, draw_pairs
from zollstock.models.training import rate_at
from zollstock.seeds import seed_for

StepDone = Callable[[int, float], None]
"""Called after each step with the samples seen and the loss."""


@dataclass(frozen=True)
class Recipe:
    """How an editor is trained.

    Attributes
    ----------
    seed
        Of weights, pictures and noise.
    shift, jitter, design
        See `zollstock.editors.pairs.draw_pairs`.
    sources
        Source images drawn per round.
    passes
        Passes over the pairs of a round, with new noise each time, before the next is drawn.
    autoencoder_samples, samples
        Images the autoencoder and pairs the UNet see.
    autoencoder_batch, batch
        Images per step.
    autoencoder_rate, rate
        Peak learning rates; see `zollstock.models.training.rate_at`.
    drop
        Share of pairs whose image and text are both blanked, for image guidance above 1.
    decay
        Of the running mean of the UNet's weights, which is what is kept.
    """

    seed: int = 1
    shift: float = 0.4
    jitter: float = 0.12
    design: Design = "tilt"
    sources: int = 3000
    passes: int = 4
    autoencoder_samples: int = 64_000
    autoencoder_batch: int = 16
    autoencoder_rate: float = 2e-3
    samples: int = 360_000
    batch: int = 64
    rate: float = 1e-3
    drop: float = 0.05
    decay: float = 0.999

    def as_dict(self) -> dict[str, Any]:
        """Return the recipe as JSON-able values."""
        return asdict(self)


def train_autoencoder(
    vae: AutoencoderTiny,
    recipe: Recipe,
    size: int,
    *,
    device: str = "cpu",
    step_done: StepDone | None = None,
) -> None:
    """Train the autoencoder on drawn images, before and after edits alike.

    The loss is the mean squared error of pixels and of their differences, so that edges count,
    with a light pull of every latent channel to mean 0 and variance 1, which is what the noise
    schedule expects.
    """
    vae.to(device, memory_format=torch.channels_last).train()
    optimiser = torch.optim.AdamW(vae.parameters(), lr=recipe.autoencoder_rate, weight_decay=0.0)
    total = recipe.autoencoder_samples // recipe.autoencoder_batch
    batches = _image_batches(recipe, size)
    for step in range(total):
        for group in optimiser.param_groups:
            group["lr"] = rate_at(step, total, recipe.autoencoder_rate)
        images = to_model(next(batches)).to(device, memory_format=torch.channels_last)
        with _autocast(device):
            latents = vae.encode(images).latents
            again = vae.decode(latents).sample
        latents, again = latents.float(), again.float()
        error = again - images
        loss = (
            error.square().mean()
            + error.diff(dim=2).square().mean()
            + error.diff(dim=3).square().mean()
        )
        mean, variance = latents.mean((0, 2, 3)), latents.var((0, 2, 3))
        loss = loss + 1e-3 * (mean.square().mean() + (variance - 1).square().mean())
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(vae.parameters(), 1.0)
        optimiser.step()
        if step_done is not None:
            step_done((step + 1) * recipe.autoencoder_batch, float(error.detach().square().mean()))
    vae.eval()
    images = to_model(next(batches)).to(device)
    with torch.no_grad():
        spread = float(vae.encode(images).latents.std())
    vae.register_to_config(scaling_factor=round(1.0 / spread, 4))


def train_denoiser(
    pipeline: StableDiffusionInstructPix2PixPipeline,
    recipe: Recipe,
    size: int,
    *,
    device: str = "cpu",
    step_done: StepDone | None = None,
) -> None:
    """Train UNet and text encoder on v-prediction; the autoencoder stays as it is."""
    unet, text_encoder, vae = pipeline.unet, pipeline.text_encoder, pipeline.vae
    unet.to(device, memory_format=torch.channels_last).train()
    text_encoder.to(device).train()
    vae.to(device).eval()
    mean_unet = copy.deepcopy(unet).eval().requires_grad_(False)
    parameters = [*unet.parameters(), *text_encoder.parameters()]
    optimiser = torch.optim.AdamW(parameters, lr=recipe.rate, weight_decay=1e-3)
    instructions = ["", *EDITS]
    tokens = pipeline.tokenizer(
        instructions,
        padding="max_length",
        max_length=pipeline.tokenizer.model_max_length,
        return_tensors="pt",
    ).input_ids.to(device)
    scheduler = pipeline.scheduler
    alphas = scheduler.alphas_cumprod.to(device)
    generator = torch.Generator(device).manual_seed(seed_for(recipe.seed, "noise") % 2**63)
    total = recipe.samples // recipe.batch
    batches = _pair_batches(pipeline, recipe, size, device)
    for step in range(total):
        for group in optimiser.param_groups:
            group["lr"] = rate_at(step, total, recipe.rate)
        source, target, text = next(batches)
        count = len(text)
        blank = torch.rand(count, generator=generator, device=device) < recipe.drop
        source = source * (~blank)[:, None, None, None]
        text = torch.where(blank, 0, text)
        noise = torch.randn(target.shape, generator=generator, device=device)
        times = torch.randint(
            scheduler.config.num_train_timesteps, (count,), generator=generator, device=device
        )
        alpha = alphas[times].sqrt()[:, None, None, None]
        sigma = (1 - alphas[times]).sqrt()[:, None, None, None]
        noisy, velocity = alpha * target + sigma * noise, alpha * noise - sigma * target
        states = text_encoder(tokens)[0][text]
        sample = torch.cat([noisy, source], 1).contiguous(memory_format=torch.channels_last)
        with _autocast(device):
            found = unet(sample, times, states).sample
        loss = (found.float() - velocity).square().mean()
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(parameters, 1.0)
        optimiser.step()
        decay = min(recipe.decay, (step + 1) / (step + 10))
        with torch.no_grad():
            torch._foreach_lerp_(list(mean_unet.parameters()), list(unet.parameters()), 1.0 - decay)
        if step_done is not None:
            step_done((step + 1) * recipe.batch, float(loss.detach()))
    unet.load_state_dict(mean_unet.state_dict())
    unet.eval()
    tie_keep(text_encoder.eval(), pipeline.tokenizer)


def to_model(images: NDArray[np.uint8]) -> torch.Tensor:
    """Return uint8 images (N, H, W, 3) as float32 (N, 3, H, W) in [−1, 1]."""
    return torch.from_numpy(images).permute(0, 3, 1, 2).float() / 127.5 - 1.0


def _autocast(device: str) -> torch.autocast:
    return torch.autocast(torch.device(device).type, torch.bfloat16)


def _draw(recipe: Recipe, size: int, *name: object, sources: int) -> Any:  # noqa: ANN401
    return draw_pairs(
        sources,
        size=size,
        shift=recipe.shift,
        jitter=recipe.jitter,
        design=recipe.design,
        seed=(recipe.seed, *name),
    )


def _image_batches(recipe: Recipe, size: int) -> Iterator[NDArray[np.uint8]]:
    """Yield batches of images without end; each is shown at most twice."""
    rng = np.random.default_rng(seed_for(recipe.seed, "images"))
    turn = 0
    while True:
        images = _draw(recipe, size, "autoencoder", turn, sources=recipe.sources).images
        for _ in range(2):
            for rows in _shuffled(rng, len(images), recipe.autoencoder_batch):
                yield images[rows]
        turn += 1


def _pair_batches(
    pipeline: StableDiffusionInstructPix2PixPipeline, recipe: Recipe, size: int, device: str
) -> Iterator[tuple[torch.Tensor, torch.Tensor, torch.Tensor]]:
    """Yield source latents, scaled target latents and instructions without end."""
    rng = np.random.default_rng(seed_for(recipe.seed, "pairs"))
    scale = pipeline.vae.config.scaling_factor
    turn = 0
    while True:
        pairs = _draw(recipe, size, "denoiser", turn, sources=recipe.sources)
        latents = torch.cat(
            [_encode(pipeline.vae, part, device) for part in np.array_split(pairs.images, 50)]
        )
        for _ in range(recipe.passes):
            for rows in _shuffled(rng, len(pairs.text), recipe.batch):
                # InstructPix2Pix scales the latents it denoises, not those of the source.
                yield (
                    latents[pairs.source[rows]],
                    latents[pairs.target[rows]] * scale,
                    torch.from_numpy(pairs.text[rows]).to(device),
                )
        turn += 1


@torch.no_grad()
def _encode(vae: AutoencoderTiny, images: NDArray[np.uint8], device: str) -> torch.Tensor:
    pixels = to_model(images).to(device, memory_format=torch.channels_last)
    with _autocast(device):
        return vae.encode(pixels).latents.float()


def _shuffled(rng: np.random.Generator, count: int, batch: int) -> Iterator[NDArray[np.int64]]:
    order = rng.permutation(count)
    batch = min(batch, count)
    for start in range(0, count - batch + 1, batch):
        yield order[start : start + batch]
