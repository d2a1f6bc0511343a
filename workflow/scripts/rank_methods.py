"""Join what was found of all models: rankings, the control, who foretells what."""

from zollstock.jobs.harness import job

with job(snakemake):
    from pathlib import Path

    from zollstock.jobs.rank_methods import rank_methods

    cfg, groups = snakemake.params.cfg, [Path(folder) for folder in snakemake.params.predictions]
    pairs = [(name, model) for name in cfg["properties"] for model in cfg["models"]]
    rank_methods(
        tables=[Path(file) for file in snakemake.input.tables],
        predictions=dict(zip(pairs, groups, strict=True)),
        models=cfg["models"],
        seed=cfg["seed"],
        files={name: Path(file) for name, file in snakemake.output.items()},
    )
