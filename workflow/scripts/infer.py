"""Run one model on the frames of all properties that it has not seen."""

from zollstock.jobs.harness import job

with job(snakemake):
    from pathlib import Path

    from zollstock.jobs.infer import infer

    files = snakemake.input
    infer(
        model=snakemake.wildcards.model,
        manifests=[Path(file) for file in files.manifests],
        predictions=[Path(folder) for folder in snakemake.params.predictions],
        images=Path(files.images),
        pixels=Path(files.pixels),
        pictures=next(map(Path, snakemake.params.pictures), None),
        weights=Path(files.weights),
        card=Path(files.card),
        code=[Path(file) for file in [*files.lib, *files.code]],
        note=Path(snakemake.output.note),
        **snakemake.params.cfg["inference"],
        shared=snakemake.resources.gpu_slots == 1,
        threads=snakemake.threads,
    )
