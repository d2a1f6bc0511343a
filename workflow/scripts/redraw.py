"""Compare figures that were drawn again with the record."""

from zollstock.jobs.harness import job

with job(snakemake):
    import csv
    import sys
    from collections import Counter
    from pathlib import Path

    from zollstock.errors import ZollstockError
    from zollstock.provenance.verify import compare_figures

    if not snakemake.params.cfg["archive"]["unpacked"]:
        raise ZollstockError(
            "redraw",
            "was called without its profile",
            "snakemake redraw --workflow-profile redraw",
            "To draw the figures of a study that you run yourself, use snakemake figures.",
        )
    results = Path(snakemake.output.table).parent
    files = snakemake.input.figures
    states = compare_figures(results, [Path(file) for file in files])
    with Path(snakemake.output.table).open("w", newline="") as file:
        rows = csv.writer(file, lineterminator="\n")
        rows.writerow(["figure", "state"])
        rows.writerows(sorted(states.items()))
    number = Counter(states.values())
    line = f"zollstock: drawn again: {number['same']} as recorded, {number['differs']} different"
    if number["left out"]:
        line += (
            f", {number['left out']} not drawn, since the archive holds no images, frames or "
            f"predictions for them ({snakemake.output.table}); ask for one made with "
            "archive: {frames: true}"
        )
    print(line, file=sys.stderr)
