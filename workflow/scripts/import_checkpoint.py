"""Read a checkpoint without unpickling code, check that it fits, keep it as safetensors."""

from zollstock.jobs.harness import job

with job(snakemake):
    from pathlib import Path

    from zollstock.jobs.import_checkpoint import import_checkpoint

    import_checkpoint(
        model=snakemake.params.cfg["model"],
        weights=Path(snakemake.output.weights),
        card=Path(snakemake.output.card),
    )
