"""Let the trained models look at pixel noise, at exact interventions and at edits."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import torch

from zollstock.calibration.drawn import Watcher, look_at_all
from zollstock.files import models_in
from zollstock.images.table import read_table
from zollstock.manifests import read_manifest, store_of
from zollstock.models.card import load_model
from zollstock.progress import Progress
from zollstock.store import PathStore, iterate_paths
from zollstock.worlds import get_world


def calibrate_models(
    *,
    images: Path,
    pixels: Path,
    manifest: Path | None,
    models: Sequence[Path],
    predictions: Path,
    world: Mapping[str, Any],
    latent: str,
    steps: int,
    dense: int,
    noise_images: int,
    placebos: int,
    inference: Mapping[str, Any],
    seed: int,
    threads: int,
) -> None:
    """Write what the models say.

    Parameters
    ----------
    images, pixels
        Table and folder of drawn images.
    manifest
        Of their edited paths; None without an editor.
    models
        Weights and card of each model in turn.
    predictions
        What is written, see `zollstock.calibration.seen.Seen`.
    world
        ``name``, ``size``, ``bias`` and ``shape_noise`` of the drawn world.
    latent
        What is set exactly.
    steps, dense
        Steps of paths, and how many times finer the exact ones are.
    noise_images, placebos
        Images of pixel noise, and placebos of each.
    inference
        ``device``, ``batch_size`` and ``precision``.
    seed
        The study's.
    threads
        Threads of torch.
    """
    torch.set_num_threads(threads)
    loaded = {weights.stem: load_model(weights, card) for weights, card in models_in(models)}
    watcher = Watcher(loaded, get_world(world["name"]).class_names[-1], **inference)
    records = read_table(images, pixels)
    fine = dense * (steps - 1) + 1
    edits = {}
    if manifest is not None:
        entries, store = read_manifest(manifest)["images"], PathStore(store_of(manifest))
        edits = {name: path.frames for name, path in iterate_paths(store, entries)}
    total = noise_images * (placebos + 1) * steps + len(records) * (fine + steps)
    with Progress("calibration, models", total) as count:
        seen = look_at_all(
            watcher,
            world,
            records,
            edits,
            latent=latent,
            steps=steps,
            dense=fine,
            noise_images=noise_images,
            placebos=placebos,
            seed=seed,
            frames_done=count,
        )
    seen.write(predictions)
