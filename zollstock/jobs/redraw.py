"""Compare figures that were drawn again with the record."""

import csv
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from zollstock.errors import ZollstockError
from zollstock.provenance.verify import compare_figures


def redraw(*, unpacked: bool, figures: Sequence[Path], table: Path, program: Path) -> None:
    """Write which figures are as recorded, and say how many and whose code drew them.

    Parameters
    ----------
    unpacked
        Whether the profile that draws from an archive is in use.
    figures
        The figures and folders of figures that were drawn.
    table
        The table that is written, in the study's folder of results.
    program
        Where the code that drew them lies.

    Raises
    ------
    ZollstockError
        Without the profile.
    """
    if not unpacked:
        raise ZollstockError(
            "redraw",
            "was called without its profile",
            "snakemake redraw --workflow-profile redraw",
            "To draw the figures of a study that you run yourself, use snakemake figures.",
        )
    results = table.parent
    states = compare_figures(results, figures)
    with table.open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file, lineterminator="\n")
        rows.writerow(["figure", "state"])
        rows.writerows(sorted(states.items()))
    number = Counter(states.values())
    line = f"zollstock: drawn again: {number['same']} as recorded, {number['differs']} different"
    if number["left out"]:
        line += (
            f", {number['left out']} not drawn, since the archive holds no images, frames or "
            f"predictions for them ({table}); ask for one made with archive: {{frames: true}}"
        )
    print(line, file=sys.stderr)
    print(f"zollstock: {whose_code(results, program)}", file=sys.stderr)


def whose_code(results: Path, program: Path) -> str:
    """Say in one line whether the code that drew came with the archive."""
    if program.resolve().is_relative_to(results.resolve()):
        return (
            f"the code that ran came with the archive ({program}): whoever made it could have it "
            "do anything on this machine; docs/provenance.md says how to draw without it"
        )
    return f"the code that ran is that of this checkout ({program}), none from the archive"
