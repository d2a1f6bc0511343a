"""Score models before and after their repair along every property."""

from zollstock.jobs.harness import job, named_files

with job(snakemake):
    from itertools import product
    from pathlib import Path

    from zollstock.jobs.score_repairs import score_repairs

    cfg, files = dict(snakemake.params.cfg), named_files(snakemake.input)
    sets, names = cfg.pop("sets"), list(cfg["properties"])
    pairs = product([*names, *sets], cfg["models"])
    score_repairs(
        predictions=dict(zip(pairs, map(Path, snakemake.params.predictions), strict=True)),
        images=Path(snakemake.input.images),
        placebos=dict(zip(sets, files["placebos"], strict=True)),
        **{key: dict(zip(names, files[key], strict=True)) for key in ("ledgers", "edits")},
        tried=files["tried"],
        files={name: Path(file) for name, file in snakemake.output.items()},
        **cfg,
    )
