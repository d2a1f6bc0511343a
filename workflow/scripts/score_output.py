"""Score a study by one more output."""

from zollstock.jobs.harness import job, named_files

with job(snakemake):
    from itertools import product
    from pathlib import Path

    from zollstock.jobs.score_output import score_output

    cfg, files = dict(snakemake.params.cfg), named_files(snakemake.input)
    sets, names = cfg.pop("sets"), list(cfg["properties"])
    pairs = product([*names, *sets], cfg["models"])
    score_output(
        predictions=dict(zip(pairs, map(Path, snakemake.params.predictions), strict=True)),
        images=Path(snakemake.input.images),
        placebos=dict(zip(sets, files["placebos"], strict=True)),
        **{key: dict(zip(names, files[key], strict=True)) for key in ("ledgers", "edits")},
        files={name: Path(file) for name, file in snakemake.output.items()},
        **cfg,
    )
