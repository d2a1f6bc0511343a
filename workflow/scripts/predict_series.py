"""Run all checkpoints of a model on frames that are read once."""

from zollstock.jobs.harness import job

with job(snakemake):
    from pathlib import Path

    from zollstock.jobs.predict_series import predict_series
    from zollstock.models.checkpoints import Checkpoint

    files, cfg = snakemake.input, snakemake.params.cfg
    predict_series(
        model=snakemake.wildcards.model,
        checkpoints=[Checkpoint(**one) for one in cfg["checkpoints"]],
        key=cfg["key"],
        manifests=[Path(file) for file in files.manifests],
        predictions=[Path(folder) for folder in snakemake.params.predictions],
        images=Path(files.images),
        pixels=Path(files.pixels),
        pictures=Path(snakemake.params.pictures),
        weights=Path(files.weights),
        card=Path(files.card),
        code=[Path(file) for file in [*files.lib, *files.code]],
        note=Path(snakemake.output.note),
        **cfg["inference"],
        shared=snakemake.resources.gpu_slots == 1,
        threads=snakemake.threads,
    )
