"""Train the small editor from nothing and put it through the gate."""

import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import torch

from zollstock.devices import hold_device
from zollstock.editors.architecture import Size
from zollstock.editors.gate import run_gate
from zollstock.editors.making import as_text, make_editor, sweeps
from zollstock.editors.pairs import LATENTS
from zollstock.editors.training import Recipe
from zollstock.engines.diffusion.base import RunOptions
from zollstock.errors import ZollstockError
from zollstock.files import write_json
from zollstock.images.selection import select_rendered
from zollstock.models.card import load_model
from zollstock.progress import Progress
from zollstock.seeds import seed_for
from zollstock.worlds import facts_of, get_world


def train_editor(
    *,
    models: Sequence[tuple[Path, Path]],
    trained_on: Sequence[str],
    editor: Mapping[str, Any],
    world: Mapping[str, Any],
    threads: int,
    folder: Path,
) -> None:
    """Write an editor in diffusers' format, its card, and what the gate found.

    Parameters
    ----------
    models
        Weights and card of each classifier that the gate asks.
    trained_on
        What each was trained on: ``unbiased`` or the name of a bias.
    editor
        Recipe, use and gate: the config's `editor_training`.
    world
        Of the pictures: its name, size, bias and shape noise.
    threads
        Threads of torch; as many processes draw pairs beside it. The pairs do not depend on it.
    folder
        Where the editor goes.

    Raises
    ------
    ZollstockError
        If the world lacks what the editor's instructions change.
    """
    if not set(LATENTS) <= set(facts_of(world["name"]).meters):
        raise ZollstockError(
            "world.name",
            f"is '{world['name']}', whose pictures the small editor's instructions do not fit",
            f"a world with {' and '.join(LATENTS)}",
            "Train it with config/config.yaml.",
        )
    torch.set_num_threads(threads)
    use = {key: editor[key] for key in ("image_guidance", "stop", "denoising_steps")}
    recipe = Recipe(
        **{key: value for key, value in editor.items() if key in Recipe.__dataclass_fields__}
    )
    make_editor(
        folder,
        recipe,
        Size(image=world["size"]),
        device=str(hold_device(editor["device"])),
        progress=lambda title, total: Progress(title, total, "samples"),
        processes=threads,
        compiled=editor["compile"],
        **use,
    )
    examine(models=models, trained_on=trained_on, editor=editor, world=world, folder=folder)


def examine(
    *,
    models: Sequence[tuple[Path, Path]],
    trained_on: Sequence[str],
    editor: Mapping[str, Any],
    world: Mapping[str, Any],
    folder: Path,
) -> None:
    """Put an editor through the gate, write what it found beside it, and print it.

    Parameters are those of `train_editor`.
    """
    use = {key: editor[key] for key in ("image_guidance", "stop", "denoising_steps")}
    asked = {
        name: load_model(weights, card)
        for name, (weights, card) in zip(trained_on, models, strict=True)
    }
    with tempfile.TemporaryDirectory() as pictures:
        held_out = select_rendered(
            get_world(world["name"]),
            n_per_class=editor["gate_images"] // 2,
            seed=seed_for(editor["seed"], "gate"),
            folder=Path(pictures),
            distribution="unbiased",
            size=world["size"],
            bias=world["bias"],
            shape_noise=world["shape_noise"],
        ).images
        engines, keep = sweeps(
            folder, steps=editor["gate_steps"], use=use, run=RunOptions(device=editor["device"])
        )
        gate = run_gate(
            engines,
            keep,
            asked,
            held_out,
            world=world["name"],
            size=world["size"],
            output="dog",
            seed=editor["seed"],
            device=editor["device"],
        ).as_dict()
    write_json(gate, folder / "gate.json")
    print(as_text(gate["criteria"]), file=sys.stderr, flush=True)
