"""Score every checkpoint along every property."""

from zollstock.jobs.harness import job

with job(snakemake):
    from pathlib import Path

    from zollstock.jobs.score_dynamics import score_dynamics
    from zollstock.jobs.score_output import handed_over
    from zollstock.models.checkpoints import Checkpoint

    handed = handed_over(snakemake)
    told, tested = handed.pop("series"), snakemake.input.tested
    score_dynamics(
        series={name: [Checkpoint(**one) for one in mine] for name, mine in told.items()},
        tested=Path(tested) if tested else None,
        **handed,
    )
