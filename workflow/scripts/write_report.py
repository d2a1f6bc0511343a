"""Write the report of a study: one page that works offline."""

from zollstock.jobs.harness import job

with job(snakemake):
    from pathlib import Path

    from zollstock.jobs.harness import named_files
    from zollstock.jobs.write_report import write_report

    files = named_files(snakemake.input)
    (summary,), (tests,), (images,) = (files[name] for name in ("summary", "tests", "images"))
    write_report(
        page=Path(snakemake.output.page),
        **{"summary": summary, "tests": tests, "images": images},
        **{name: files[name] for name in ("ledgers", "cards", "tables", "further")},
        accuracy=next(iter(files["accuracy"]), None),
        **snakemake.params.cfg,
    )
