"""Edit the images of the calibration, and read in each frame what the edit did."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from zollstock.calibration.reading import measured
from zollstock.engines import engine_for
from zollstock.engines.planning import plan_paths
from zollstock.engines.produce import produce_paths
from zollstock.files import write_json
from zollstock.images.table import read_table
from zollstock.jobs.editing import run_options
from zollstock.progress import Progress
from zollstock.store import PathStore, iterate_paths


def calibrate_edits(
    *,
    images: Path,
    pixels: Path,
    latents: Path,
    manifest: Path,
    engine: Mapping[str, Any],
    world: str,
    latent: str,
    seed: int,
    running: Mapping[str, Any],
    threads: int,
) -> None:
    """Make edited paths, and write the latent that each frame shows.

    Parameters
    ----------
    images, pixels
        Table and folder of drawn images.
    latents, manifest
        The table and the manifest that are written. The store of paths lies beside the manifest;
        finished paths that are there are kept.
    engine
        Settings of the property whose editor it is.
    world, latent
        Name of the drawn world, and the latent that is read.
    seed
        The study's.
    running, threads
        How the editor is run; see `zollstock.jobs.editing.run_options`.
    """
    records = read_table(images, pixels)
    editor = engine_for(dict(engine), run_options(running, threads=threads))
    settings, folder = dict(engine), manifest.parent
    plan = plan_paths(
        editor, settings, records, [0], folder=folder, name="edits", names=["edits"], seed=seed
    )
    paths = PathStore(folder / plan["store"], writable=True)
    with Progress("calibration, edits", len(records) * paths.shape.steps) as count:
        entries = produce_paths(
            editor, settings, records, paths, plan["rows"], seed=seed, frames_done=count
        )
    by_name = {record.id: record for record in records}
    read = [
        measured(by_name[name], path, world, latent) for name, path in iterate_paths(paths, entries)
    ]
    pd.concat(read).to_csv(latents, index=False)
    known = {key: plan[key] for key in ("shape", "facts", "store")}
    write_json(known | {"images": entries}, manifest)
