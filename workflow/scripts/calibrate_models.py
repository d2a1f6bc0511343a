"""Let the trained models look at pixel noise, at exact interventions and at edits."""

from zollstock.jobs.harness import job

with job(snakemake):
    from pathlib import Path

    import numpy as np
    import torch

    from zollstock.calibration.drawn import Watcher, exact_paths, noise_paths
    from zollstock.images.table import read_table
    from zollstock.manifests import read_manifest, store_of
    from zollstock.models.card import load_model
    from zollstock.progress import Progress
    from zollstock.store import PathStore, iterate_paths
    from zollstock.worlds import get_world

    torch.set_num_threads(snakemake.threads)
    cfg = snakemake.params.cfg
    world, steps, placebos = cfg["world"], cfg["steps"], cfg["placebos"]
    files = [Path(name) for name in snakemake.input.models]
    models = {
        weights.stem: load_model(weights, card)
        for weights, card in zip(files[::2], files[1::2], strict=True)
    }
    watcher = Watcher(models, get_world(world["name"]).class_names[-1], **cfg["inference"])
    images = read_table(Path(snakemake.input.images), Path(snakemake.input.pixels))
    dense = cfg["dense"] * (steps - 1) + 1
    edits = {}
    if snakemake.input.get("manifest"):
        manifest = Path(snakemake.input.manifest)
        entries = read_manifest(manifest)["images"]
        edits = dict(iterate_paths(PathStore(store_of(manifest)), entries))
    total = cfg["noise_images"] * (placebos + 1) * steps + len(images) * (dense + steps)
    noise, exact, changes, edited = [], [], [], []
    with Progress("calibration, models", total) as count:
        for image in range(cfg["noise_images"]):
            found, _ = watcher.look(noise_paths(world, image, placebos, steps, cfg["seed"]))
            noise.append(found.reshape(len(models), placebos + 1, steps))
            count((placebos + 1) * steps)
        for image in images:
            found, predicted = watcher.look(exact_paths(image, cfg["latent"], dense, world))
            exact.append(found)
            changes.append(np.ptp(predicted, axis=1) > 0)
            # A path that could not be made has no predictions.
            row = np.full((len(models), steps), np.nan)
            if image.id in edits:
                found, _ = watcher.look(edits[image.id].frames)
                row[:, : found.shape[1]] = found
            edited.append(row)
            count(dense + steps)
    np.savez_compressed(
        snakemake.output.predictions,
        models=list(models),
        images=[image.id for image in images],
        noise=np.stack(noise, axis=1),
        exact=np.stack(exact, axis=1),
        flips=np.stack(changes, axis=1),
        edited=np.stack(edited, axis=1),
    )
