"""Draw the main figure of every image of one property, and the nulls."""

from workflow.scripts.harness import job

with job(snakemake):
    from pathlib import Path

    import numpy as np
    import pandas as pd

    from zollstock.figures.paths import NullCell, NullRow, draw_nulls, draw_path, strip_steps
    from zollstock.figures.style import model_looks, save, save_pages, set_style
    from zollstock.files import read_json
    from zollstock.inference.predictions import read_predictions
    from zollstock.scoring.shuffle import null_distribution, shuffled_series
    from zollstock.scoring.table import followed_series
    from zollstock.store import PathStore, iterate_paths

    SHUFFLES_SHOWN = 20

    cfg = snakemake.params.cfg
    style, scoring, title, seed = cfg["figures"], cfg["scoring"], cfg["title"], cfg["seed"]
    statistic = scoring["statistics"][0]
    manifest = read_json(Path(snakemake.input.manifest))
    images = manifest["images"][: style["max_images"]]
    store = PathStore(Path(snakemake.params.store))
    scores = pd.read_parquet(snakemake.input.scores)
    scores = scores[
        (scores["property"] == snakemake.wildcards.property) & (scores["statistic"] == statistic)
    ]
    predictions = {
        name: read_predictions(Path(folder))
        for name, folder in zip(cfg["models"], snakemake.input.predictions, strict=True)
    }
    series = {
        name: dict(zip(found.images, followed_series(found, scoring["output"]), strict=True))
        for name, found in predictions.items()
    }
    found = predictions[cfg["models"][0]]
    axes = dict(zip(found.images, found.axis, strict=True))
    looks = model_looks(cfg["models"], style["palette"])
    set_style()

    def pages():
        """Yield each image's id and main figure."""
        for entry in images:
            name = entry["id"]
            steps = strip_steps(axes[name], style["strip_frames"])
            frames = np.empty((0, 1, 1, 3), np.uint8)  # of a failed path
            for _, path in iterate_paths(store, [entry]):
                frames = path.frames[steps]
            yield (
                name,
                draw_path(
                    frames,
                    axes[name],
                    {model: values[name] for model, values in series.items()},
                    scores[scores["image"] == name],
                    looks,
                    steps=steps,
                    title=f"{name}: {title}",
                    property_title=title,
                ),
            )

    def null_row(name):
        """Return what the null figure shows of one image."""
        here = scores[scores["image"] == name].set_index("model")
        used = np.isfinite(axes[name])
        axis = axes[name][used]
        cells = {}
        for model, values in series.items():
            p, row = values[name][used], here.loc[model]
            shuffled, null = np.empty((0, len(p))), np.empty(0)
            if np.isfinite(row["score"]):
                shuffled = shuffled_series(p, SHUFFLES_SHOWN, seed)
                null = null_distribution(p, statistic, scoring["permutations"], seed, axis)
            cells[model] = NullCell(
                axis,
                p,
                shuffled,
                null,
                row["score"],
                row["null_mean"],
                row["null_std"],
                row["p_value"],
            )
        return NullRow(name, cells)

    save_pages(pages(), Path(snakemake.output.paths), style["formats"], style["dpi"])
    rows = [null_row(entry["id"]) for entry in images]
    figure = draw_nulls(rows, cfg["models"], looks, title=title, statistic=statistic)
    stem = Path(snakemake.output.nulls[0]).with_suffix("")
    save(figure, stem, style["formats"], style["dpi"])
