"""Make the paths of a property: all of them, or those of one job's share of the images."""

from zollstock.jobs.harness import job

with job(snakemake):
    from pathlib import Path

    from zollstock.jobs.intervene import edits_made, intervene
    from zollstock.jobs.whole import whole

    given, cfg = snakemake.input, snakemake.params.cfg
    how = {
        "images": Path(given.images),
        "pixels": Path(given.pixels),
        "watched": list(given.watched),
        "name": snakemake.wildcards.property,
        "cfg": cfg,
        "options": snakemake.config["run_options"],
        "threads": snakemake.threads,
        "device": snakemake.config["inference"]["device"],
    }
    if given.get("plan"):
        place = {"part": cfg["part"], "parts": cfg["parts"]}
        intervene(plan=Path(given.plan), part_file=Path(snakemake.output.part), **place, **how)
    else:
        limits = {"max_failed": snakemake.config["editing"]["max_failed"]}
        names = snakemake.config["stores_of"]
        whole(edits_made, manifest=Path(snakemake.output.manifest), names=names, **limits, **how)
