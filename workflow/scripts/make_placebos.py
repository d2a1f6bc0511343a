"""Make the placebos of a set: all of them, or those of one job's share of the images."""

from zollstock.jobs.harness import job

with job(snakemake):
    from pathlib import Path

    from zollstock.jobs.make_placebos import make_placebos, placebos_made
    from zollstock.jobs.whole import whole

    given, cfg = snakemake.input, snakemake.params.cfg
    how = {
        "images": Path(given.images),
        "pixels": Path(given.pixels),
        "predictions": list(snakemake.params.predictions),
        "watched": list(given.watched),
        "name": snakemake.wildcards.property,
        "cfg": cfg,
        "options": snakemake.config["run_options"],
        "threads": snakemake.threads,
        "device": snakemake.config["inference"]["device"],
    }
    if given.get("plan"):
        place = {"part": cfg["part"], "parts": cfg["parts"]}
        make_placebos(plan=Path(given.plan), part_file=Path(snakemake.output.part), **place, **how)
    else:
        names = snakemake.config["stores_of"]
        edits = [Path(file) for file in given.edits]
        manifest = Path(snakemake.output.manifest)
        whole(placebos_made, manifest=manifest, names=names, edits=edits, max_failed=0, **how)
