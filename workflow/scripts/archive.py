"""Pack the study into one file."""

from zollstock.jobs.harness import job

with job(snakemake):
    import sys
    from pathlib import Path

    from zollstock.provenance.archive import names_of_places, pack
    from zollstock.provenance.record import read_record

    cfg = snakemake.params.cfg["archive"]
    target = Path(snakemake.output.archive)
    results = target.parent
    parts = [name for name in ("predictions", "frames") if cfg[name]]
    number = pack(results, target, parts, cfg["license"])
    size = target.stat().st_size / 1e6
    print(f"zollstock: {target}: {number} files, {size:.1f} MB", file=sys.stderr)
    if told := names_of_places(results, read_record(results)):
        print(
            f"zollstock: note: {', '.join(told)} name folders of this machine; give paths "
            "relative to where you run snakemake if they should not",
            file=sys.stderr,
        )
