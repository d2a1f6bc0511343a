"""Check an engine's inputs and lay out the store of a property."""

from collections.abc import Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

from zollstock.engines import engine_for
from zollstock.engines.placebos.references import References
from zollstock.engines.planning import plan_paths
from zollstock.errors import ZollstockError
from zollstock.files import write_json
from zollstock.images.table import read_table
from zollstock.manifests import read_manifest
from zollstock.plan.contents import content_of
from zollstock.profiles import profiles_of
from zollstock.store import changes_in


def plan_interventions(
    *,
    plan: Path,
    files: Sequence[str],
    state: str = "",
    **how: Any,  # noqa: ANN401
) -> None:
    """Write the plan of one property's paths, and create or extend its store beside it.

    Parameters
    ----------
    plan
        The JSON that is written.
    files
        The user's files that paths are made from.
    state
        The state of those of them that Snakemake cannot name.
    **how
        The other arguments of `planned`.
    """
    # The rules that make paths see the plan alone: another content of a file is another plan.
    write_json(planned(folder=plan.parent, **how) | {"files": content_of(files) + state}, plan)


def planned(
    *,
    images: Path,
    pixels: Path,
    edits: Sequence[Path],
    folder: Path,
    name: str,
    cfg: Mapping[str, Any],
    options: Mapping[str, Any],
    names: Sequence[str],
) -> dict[str, Any]:
    """Return the plan of one property's paths, and create or extend its store.

    Parameters
    ----------
    images, pixels
        Table of the images, and the folder with their PNGs.
    edits
        Of placebos: manifests of the edits that are compared with them.
    folder
        Where stores lie.
    name
        Of the property or the set of placebos.
    cfg
        What the frames depend on; see `zollstock.plan.study.Plan.interventions`.
    options
        How an editor is run.
    names
        Of all properties and sets of the study.
    """
    run = import_module("zollstock.jobs.editing").run_options(options) if cfg["edited"] else None
    records = read_table(images, pixels)
    # Properties that share placebos have equal frames.
    profiles = references = None
    if edits:
        references = References.of(read_manifest(edits[0]), edits[0].parent)
        ids = [record.id for record in records]
        profiles = profiles_of(changes_in(edits[0]), ids, cfg["property"]["steps"])
    settings = cfg["property"] | ({"profiles": profiles} if edits else {})
    found = plan_paths(
        engine_for(settings, run, references),
        cfg["property"] | cfg["inexact"],
        records,
        cfg["draws"],
        folder=folder,
        name=name,
        names=names,
        seed=cfg["seed"],
        variants=profiles,
    )
    if edits:
        _check_size(edits[0], found["shape"], name)
    return found | {"profiles": profiles, "edits": edits[0].name if edits else None}


def _check_size(edits: Path, shape: Mapping[str, int], name: str) -> None:
    own = read_manifest(edits)["shape"]
    if any(own[side] != shape[side] for side in ("height", "width")):
        raise ZollstockError(
            name,
            f"holds placebos of {shape['height']}×{shape['width']} pixels",
            f"those of the edits, {own['height']}×{own['width']}",
            "Set the property's size, or make the placebos as large.",
        )
