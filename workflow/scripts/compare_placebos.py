"""Compare every edit with placebo edits of its size: the table of tests."""

from workflow.scripts.harness import job

with job(snakemake):
    from itertools import product
    from pathlib import Path

    import pandas as pd

    from zollstock.inference.predictions import read_predictions
    from zollstock.significance.comparison import compare
    from zollstock.significance.table import table_of_tests
    from zollstock.significance.targets import edit_sizes

    cfg = snakemake.params.cfg
    as_text = {"dtype": {"image": str}, "keep_default_na": True}
    labels = pd.read_csv(snakemake.input.images, dtype=str, keep_default_na=False)
    labels = dict(zip(labels["id"], labels["label"], strict=True))
    verdicts = dict(zip(cfg["properties"], snakemake.input.verdicts, strict=True))
    sizes = {name: edit_sizes(pd.read_csv(file, **as_text)) for name, file in verdicts.items()}
    placebo_sizes = {}
    for name, file in zip(cfg["sets"], snakemake.input.placebo_steps, strict=True):
        steps = pd.read_csv(file, **as_text).sort_values("step")
        placebo_sizes[name] = {
            draw: rows["pixel_change_first"].to_numpy() for draw, rows in steps.groupby("image")
        }
    pairs = product([*cfg["properties"], *cfg["sets"]], cfg["models"])
    folders = dict(zip(pairs, snakemake.input.predictions, strict=True))

    def predicted(name, model):
        """Return the predictions of a model along a property or a set of placebos."""
        return read_predictions(Path(folders[name, model]))

    tables = []
    for model in cfg["models"]:
        placebos = {name: predicted(name, model) for name in cfg["sets"]}
        for name in cfg["properties"]:
            shared = cfg["placebos_of"].get(name)
            table = compare(
                predicted(name, model),
                placebos.get(shared),
                sizes=sizes[name],
                placebo_sizes=placebo_sizes.get(shared, {}),
                labels=labels,
                output=cfg["output"],
                **cfg["test"],
            )
            tables.append(table.assign(property=name, model=model))
    table = table_of_tests(pd.read_parquet(snakemake.input.scores), pd.concat(tables))
    table.to_parquet(snakemake.output.table, index=False)
    table.to_csv(snakemake.output.csv, index=False, float_format="%.6g")
