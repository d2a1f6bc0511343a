"""Write the report of a study: one page that works offline."""

from zollstock.jobs.harness import job

with job(snakemake):
    from pathlib import Path

    from zollstock.jobs.harness import named_files
    from zollstock.jobs.write_report import write_report

    files = named_files(snakemake.input)
    single = ("summary", "paper", "tests", "images", "given", "pictures")
    later = (
        "accuracy",
        "judged",
        "ranking",
        "flips",
        "mediation",
        "kept_accuracy",
        "graphs",
        "effects",
    )
    later += ("repairs", "repaired_accuracy")
    write_report(
        page=Path(snakemake.output.page),
        **{name: files[name][0] for name in single},
        **{name: files[name] for name in ("ledgers", "cards", "tables", "further")},
        **{name: next(iter(files[name]), None) for name in later},
        **snakemake.params.cfg,
    )
