"""Compare every edit with placebo edits of its size: the table of tests."""

from zollstock.jobs.harness import job

with job(snakemake):
    from itertools import product
    from pathlib import Path

    import pandas as pd

    from zollstock.scoring.follow import follow_stored
    from zollstock.significance.comparison import compare
    from zollstock.significance.table import table_of_tests
    from zollstock.significance.targets import edit_sizes, followed_of, sizes_along

    cfg = snakemake.params.cfg
    as_text = {"dtype": {"image": str}, "keep_default_na": True}
    labels = pd.read_csv(snakemake.input.images, dtype=str, keep_default_na=False)
    labels = dict(zip(labels["id"], labels["label"], strict=True))
    verdicts = dict(zip(cfg["properties"], snakemake.input.verdicts, strict=True))
    sizes = {name: edit_sizes(pd.read_csv(file, **as_text)) for name, file in verdicts.items()}
    placebo_sizes = {
        name: sizes_along(Path(file))
        for name, file in zip(cfg["sets"], snakemake.input.placebo_steps, strict=True)
    }
    pairs = product([*cfg["properties"], *cfg["sets"]], cfg["models"])
    folders = dict(zip(pairs, snakemake.params.predictions, strict=True))

    def followed(name, model, owners=None):
        """Return the followed output of a model along a property or a set of placebos."""
        return follow_stored(Path(folders[name, model]), cfg["output"], owners)

    tables = []
    for model, name in product(cfg["models"], cfg["properties"]):
        target, shared = followed(name, model), cfg["placebos_of"].get(name)
        placebos = followed(shared, model, followed_of(target)) if shared else None
        table = compare(
            target,
            placebos,
            sizes=sizes[name],
            placebo_sizes=placebo_sizes.get(shared, {}),
            labels=labels,
            **cfg["test"],
        )
        tables.append(table.assign(property=name, model=model))
    table = table_of_tests(pd.read_parquet(snakemake.input.scores), pd.concat(tables))
    table.to_parquet(snakemake.output.table, index=False)
    table.to_csv(snakemake.output.csv, index=False, float_format="%.6g")
