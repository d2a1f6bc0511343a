"""Pack the study into one file."""

import sys
from collections.abc import Sequence
from pathlib import Path

from zollstock.provenance.archive import names_of_places, pack
from zollstock.provenance.record import read_record


def archive(*, results: Path, target: Path, parts: Sequence[str], license_: str | None) -> None:
    """Write the archive, and say how large it is and which tables name folders of this machine.

    Parameters
    ----------
    results
        The study's folder of results.
    target
        The zip that is written.
    parts
        Parts to pack beside tables, figures and record: ``predictions``, ``frames``.
    license_
        Of the results; see `zollstock.provenance.crate.crate`.
    """
    number = pack(results, target, parts, license_)
    size = target.stat().st_size / 1e6
    print(f"zollstock: {target}: {number} files, {size:.1f} MB", file=sys.stderr)
    if told := names_of_places(results, read_record(results)):
        print(
            f"zollstock: note: {', '.join(told)} name folders of this machine; give paths "
            "relative to where you run snakemake if they should not",
            file=sys.stderr,
        )
