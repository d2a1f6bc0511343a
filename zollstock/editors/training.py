"""Training of a small editor on pairs of drawn images."""

import copy
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import torch
from diffusers import AutoencoderTiny, StableDiffusionInstructPix2PixPipeline
from numpy.typing import NDArray

from zollstock.editors.architecture import tie_keep
from zollstock.editors.drawing import rounds_of_pairs
from zollstock.editors.pairs import EDITS, Design, Pairs
from zollstock.models.training import rate_at
from zollstock.seeds import seed_for

StepDone = Callable[[int, float | torch.Tensor], None]
"""Called after each step with the samples seen and the loss.

The loss is a tensor where reading it would make the GPU wait in every step.
"""


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
    processes: int = 1,
    step_done: StepDone | None = None,
) -> None:
    """Train the autoencoder on drawn images, before and after edits alike.

    So many `processes` draw them; what they draw does not depend on their number.

    The loss is the mean squared error of pixels and of their differences, so that edges count,
    with a light pull of every latent channel to mean 0 and variance 1, which is what the noise
    schedule expects.
    """
    vae.to(device, memory_format=torch.channels_last).train()
    optimiser = torch.optim.AdamW(vae.parameters(), lr=recipe.autoencoder_rate, weight_decay=0.0)
    total = recipe.autoencoder_samples // recipe.autoencoder_batch
    with _rounds(recipe, size, "autoencoder", processes) as rounds:
        batches = _image_batches(recipe, rounds)
        _autoencoder_steps(vae, optimiser, recipe, total, batches, device, step_done)
        vae.eval()
        images = to_model(next(batches)).to(device)
    with torch.no_grad():
        spread = float(vae.encode(images).latents.std())
    vae.register_to_config(scaling_factor=round(1.0 / spread, 4))


def _autoencoder_steps(
    vae: AutoencoderTiny,
    optimiser: torch.optim.Optimizer,
    recipe: Recipe,
    total: int,
    batches: Iterator[NDArray[np.uint8]],
    device: str,
    step_done: StepDone | None,
) -> None:
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


def train_denoiser(
    pipeline: StableDiffusionInstructPix2PixPipeline,
    recipe: Recipe,
    size: int,
    *,
    device: str = "cpu",
    processes: int = 1,
    compiled: bool = False,
    step_done: StepDone | None = None,
) -> None:
    """Train UNet and text encoder on v-prediction; the autoencoder stays as it is.

    So many `processes` draw the pairs; what they draw does not depend on their number.
    `compiled` passes the UNet through `torch.compile`, which pays on a GPU.
    """
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
    predict = torch.compile(unet, mode="max-autotune-no-cudagraphs") if compiled else unet
    with _rounds(recipe, size, "denoiser", processes) as rounds:
        batches = _pair_batches(pipeline, recipe, rounds, device)
        for step in range(total):
            for group in optimiser.param_groups:
                group["lr"] = rate_at(step, total, recipe.rate)
            drawn = _noised(*next(batches), recipe, scheduler, alphas, generator)
            states = text_encoder(tokens)[0][drawn.text]
            with _autocast(device):
                found = predict(drawn.sample, drawn.times, states).sample
            loss = (found.float() - drawn.velocity).square().mean()
            optimiser.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(parameters, 1.0)
            optimiser.step()
            decay = min(recipe.decay, (step + 1) / (step + 10))
            with torch.no_grad():
                torch._foreach_lerp_(
                    list(mean_unet.parameters()), list(unet.parameters()), 1.0 - decay
                )
            if step_done is not None:
                # A number on the CPU waits for the GPU: now and then will do.
                step_done((step + 1) * recipe.batch, loss.detach())
    unet.load_state_dict(mean_unet.state_dict())
    unet.eval()
    tie_keep(text_encoder.eval(), pipeline.tokenizer)


@dataclass(frozen=True)
class _Batch:
    """What the UNet sees in a step, and what it should answer."""

    sample: torch.Tensor
    times: torch.Tensor
    text: torch.Tensor
    velocity: torch.Tensor


def _noised(
    source: torch.Tensor,
    target: torch.Tensor,
    text: torch.Tensor,
    recipe: Recipe,
    scheduler: Any,  # noqa: ANN401 - diffusers schedulers share no typed base
    alphas: torch.Tensor,
    generator: torch.Generator,
) -> _Batch:
    """Blank some pairs, draw times and noise, and put the UNet's input together."""
    count, device = len(text), target.device
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
    sample = torch.cat([noisy, source], 1).contiguous(memory_format=torch.channels_last)
    return _Batch(sample, times, text, velocity)


def to_model(images: NDArray[np.uint8]) -> torch.Tensor:
    """Return uint8 images (N, H, W, 3) as float32 (N, 3, H, W) in [−1, 1]."""
    return torch.from_numpy(images).permute(0, 3, 1, 2).float() / 127.5 - 1.0


def _autocast(device: str) -> torch.autocast:
    return torch.autocast(torch.device(device).type, torch.bfloat16)


def _rounds(
    recipe: Recipe, size: int, name: str, processes: int
) -> AbstractContextManager[Iterator[Pairs]]:
    return rounds_of_pairs(
        sources=recipe.sources,
        processes=processes,
        seed=(recipe.seed, name),
        size=size,
        shift=recipe.shift,
        jitter=recipe.jitter,
        design=recipe.design,
    )


def _image_batches(recipe: Recipe, rounds: Iterator[Pairs]) -> Iterator[NDArray[np.uint8]]:
    """Yield batches of images without end; each is shown at most twice."""
    rng = np.random.default_rng(seed_for(recipe.seed, "images"))
    for pairs in rounds:
        for _ in range(2):
            for rows in _shuffled(rng, len(pairs.images), recipe.autoencoder_batch):
                yield pairs.images[rows]


def _pair_batches(
    pipeline: StableDiffusionInstructPix2PixPipeline,
    recipe: Recipe,
    rounds: Iterator[Pairs],
    device: str,
) -> Iterator[tuple[torch.Tensor, torch.Tensor, torch.Tensor]]:
    """Yield source latents, scaled target latents and instructions without end."""
    rng = np.random.default_rng(seed_for(recipe.seed, "pairs"))
    scale = pipeline.vae.config.scaling_factor
    for pairs in rounds:
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
