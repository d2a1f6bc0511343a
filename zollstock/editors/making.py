"""From nothing to a finished editor on disk: build, train, write weights and card."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, Literal, Protocol

import torch
from diffusers import StableDiffusionInstructPix2PixPipeline

from zollstock.editors.architecture import KEEP, Size, build_editor
from zollstock.editors.gate import SWEEPS
from zollstock.editors.pairs import EDITS
from zollstock.editors.training import Recipe, StepDone, train_autoencoder, train_denoiser
from zollstock.engines.diffusion.checkpoints import quiet
from zollstock.engines.diffusion.instruct_pix2pix import InstructPix2PixEngine
from zollstock.engines.diffusion.instructions import CARD
from zollstock.files import write_json


class Progress(Protocol):
    """Counts samples; `zollstock.progress.Progress` is one."""

    done: int

    def __call__(self, finished: int) -> None:
        """Count `finished` more."""


OpenProgress = Callable[[str, int], AbstractContextManager[Progress]]
"""Opens a progress display from a title and a total."""


def make_editor(
    folder: Path,
    recipe: Recipe,
    size: Size,
    *,
    device: str,
    progress: OpenProgress,
    image_guidance: float,
    stop: float,
    denoising_steps: int,
    processes: int = 1,
    compiled: bool = False,
) -> None:
    """Train an editor and write it in diffusers' format, with a card.

    Parameters
    ----------
    folder
        Where it goes.
    recipe, size
        See there.
    device
        Where it is trained.
    progress
        Displays what has been done.
    image_guidance, stop, denoising_steps
        How it is meant to be used; entered into the card.
    processes
        How many draw the pictures; the weights do not depend on it.
    compiled
        Whether the UNet is trained through `torch.compile`.
    """
    quiet()
    torch.manual_seed(recipe.seed)
    pipeline = build_editor(list(EDITS), size)
    losses: dict[str, float | torch.Tensor] = {}

    def follow(count: Progress, name: str) -> StepDone:
        def step_done(samples: int, loss: float | torch.Tensor) -> None:
            count(samples - count.done)
            before = losses.get(name)
            # Stays a tensor on its device, so that no step waits for it.
            losses[name] = loss if before is None else 0.99 * before + 0.01 * loss

        return step_done

    with progress("training the autoencoder", recipe.autoencoder_samples) as count:
        train_autoencoder(
            pipeline.vae,
            recipe,
            size.image,
            device=device,
            processes=processes,
            step_done=follow(count, "autoencoder: mean squared error, pixels in [-1, 1]"),
        )
    with progress("training the editor", recipe.samples) as count:
        train_denoiser(
            pipeline,
            recipe,
            size.image,
            device=device,
            processes=processes,
            compiled=compiled,
            step_done=follow(count, "editor: mean squared error of v"),
        )
    pipeline.to("cpu").save_pretrained(folder, safe_serialization=True)
    use = {"image_guidance": image_guidance, "stop": stop, "denoising_steps": denoising_steps}
    write_json(card_of(pipeline, recipe, size, use, losses), folder / CARD)


def card_of(
    pipeline: StableDiffusionInstructPix2PixPipeline,
    recipe: Recipe,
    size: Size,
    use: dict[str, float],
    losses: dict[str, float | torch.Tensor],
) -> dict[str, Any]:
    """Return the card of an editor: what it can be told, how it was made, how to use it."""
    return {
        "made_by": "snakemake train_editor",
        "format": "InstructPix2Pix (diffusers StableDiffusionInstructPix2PixPipeline)",
        "instructions": [*EDITS, KEEP],
        "use": {"size": [size.image, size.image], **use},
        "recipe": recipe.as_dict(),
        "parameters": {
            name: sum(value.numel() for value in getattr(pipeline, name).parameters())
            for name in ("vae", "text_encoder", "unet")
        },
        "last_losses": {name: round(float(loss), 5) for name, loss in losses.items()},
    }


def sweeps(
    folder: Path, *, steps: int, use: dict[str, Any], run: object = None
) -> tuple[dict[str, InstructPix2PixEngine], InstructPix2PixEngine]:
    """Return the engines that the gate asks for: one per property, and the one that does nothing.

    Parameters
    ----------
    folder
        The editor.
    steps
        Frames per path, odd.
    use
        ``image_guidance``, ``stop`` and ``denoising_steps``, as in the card.
    run
        See `zollstock.engines.diffusion.base.RunOptions`.
    """
    axis: Literal["zero"] = "zero"
    shared: dict[str, Any] = {
        "checkpoint": str(folder),
        "steps": steps,
        "axis": axis,
        "run": run,
        **{key: use[key] for key in ("image_guidance", "stop", "denoising_steps")},
    }
    engines = {
        name: InstructPix2PixEngine(instruction=there, opposite=back, **shared)
        for name, (there, back) in SWEEPS.items()
    }
    return engines, InstructPix2PixEngine(instruction=KEEP, opposite=KEEP, **shared)


def as_text(criteria: Sequence[dict[str, Any]]) -> str:
    """Return the gate's criteria as lines for a terminal."""
    return "\n".join(
        f"{'met   ' if row['passed'] else 'MISSED'}  {row['value']:6.3f} "
        f"({'≥' if row['at_least'] else '≤'} {row['bar']:.2f})  {row['name']}"
        for row in criteria
    )
