"""Measure the accuracy of all checkpoints that were trained here."""

from zollstock.jobs.harness import job

with job(snakemake):
    from pathlib import Path

    from zollstock.files import models_in
    from zollstock.jobs.test_checkpoints import test_checkpoints
    from zollstock.models.checkpoints import Checkpoint

    cfg, files = snakemake.params.cfg, models_in(snakemake.input.models)
    test_checkpoints(
        series={name: [Checkpoint(**one) for one in mine] for name, mine in cfg["series"].items()},
        models=dict(zip(cfg["series"], files, strict=True)),
        data=cfg["data"],
        seed=cfg["seed"],
        device=snakemake.config["inference"]["device"],
        threads=snakemake.threads,
        table=Path(snakemake.output.table),
    )
