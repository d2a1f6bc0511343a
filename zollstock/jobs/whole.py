"""Plan, make and gather in one job, where a property is made in one part."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from zollstock.files import write_json
from zollstock.jobs.gather_interventions import gathered
from zollstock.jobs.plan_interventions import planned


def whole(
    make: Any,  # noqa: ANN401 - its own arguments differ
    *,
    manifest: Path,
    name: str,
    names: Sequence[str],
    max_failed: int,
    images: Path,
    pixels: Path,
    cfg: Mapping[str, Any],
    options: Mapping[str, Any],
    edits: Sequence[Path] = (),
    **how: Any,  # noqa: ANN401
) -> None:
    """Make all missing paths of a property or a set of placebos and write its manifest.

    Parameters
    ----------
    make
        `zollstock.jobs.intervene.edits_made` or `zollstock.jobs.make_placebos.placebos_made`.
    manifest
        The JSON that is written; the store lies beside it.
    name, names
        Of the property or set, and of all of the study.
    max_failed
        How many edits may fail.
    images, pixels, cfg, options, edits
        As in `zollstock.jobs.plan_interventions.planned`.
    **how
        The other arguments of `make`.
    """
    shared = {"images": images, "pixels": pixels, "cfg": cfg, "options": options, "name": name}
    plan = planned(**shared, edits=edits, folder=manifest.parent, names=names)  # type: ignore[arg-type]
    entries = make(plan=plan, folder=manifest.parent, part=0, parts=1, **shared, **how)
    write_json(gathered(plan, entries, name, cfg, max_failed), manifest)
