"""Draw the card of every image of one property, the nulls of the shuffle test, and signatures."""

from workflow.scripts.harness import job

with job(snakemake):
    from pathlib import Path

    import numpy as np
    import pandas as pd

    from zollstock.draws import split_id
    from zollstock.figures.cards import draw_card, verdict_sentence
    from zollstock.figures.nulls import NullCell, NullRow, draw_nulls
    from zollstock.figures.sheets import strip_steps
    from zollstock.figures.signature import draw_signature
    from zollstock.figures.style import model_looks, save, save_pages, set_style
    from zollstock.files import read_json
    from zollstock.inference.predictions import read_predictions
    from zollstock.scoring.jitter import signature
    from zollstock.scoring.shuffle import null_distribution, shuffled_series
    from zollstock.scoring.table import followed_series, series_of_class
    from zollstock.significance.targets import followed_of
    from zollstock.store import PathStore, iterate_paths

    SHUFFLES_SHOWN = 20

    cfg = snakemake.params.cfg
    style, scoring, title, seed = cfg["figures"], cfg["scoring"], cfg["title"], cfg["seed"]
    name_of_property, output = snakemake.wildcards.property, scoring["output"]
    statistic = scoring["statistics"][0]
    manifest = read_json(Path(snakemake.input.manifest))
    # Of replicates the first is drawn.
    entries = [entry for entry in manifest["images"] if split_id(entry["id"])[1] == 0]
    images = entries[: style["max_images"]]
    store = PathStore(Path(snakemake.params.store))
    scores = pd.read_parquet(snakemake.input.scores)
    scores = scores[
        (scores["property"] == name_of_property)
        & (scores["statistic"] == statistic)
        & (scores["replicate"] == 0)
    ]
    tests = pd.read_parquet(snakemake.input.tests)
    tests = tests[tests["property"] == name_of_property]
    steps_of = pd.read_csv(snakemake.input.steps, dtype={"image": str}).sort_values("step")
    sizes_of = {
        name: rows["pixel_change_first"].to_numpy() for name, rows in steps_of.groupby("image")
    }

    def by_model(folders):
        """Return model → predictions."""
        return {
            name: read_predictions(Path(folder))
            for name, folder in zip(cfg["models"], folders, strict=True)
        }

    predictions = by_model(snakemake.input.predictions)
    series = {
        name: dict(zip(found.images, followed_series(found, output), strict=True))
        for name, found in predictions.items()
    }
    found = predictions[cfg["models"][0]]
    axes = dict(zip(found.images, found.axis, strict=True))
    looks = model_looks(cfg["models"], style["palette"])
    set_style()

    # image → model → (share of the edit's size, followed output) of every placebo.
    placebos = {entry["id"]: {model: [] for model in cfg["models"]} for entry in images}
    if snakemake.input.placebo_predictions:
        grown = pd.read_csv(snakemake.input.placebo_steps[0], dtype={"image": str})
        grown = grown.sort_values("step").groupby("image")["pixel_change_first"]
        grown = {name: size.to_numpy() for name, size in grown}
        for model, made in by_model(snakemake.input.placebo_predictions).items():
            chosen = followed_of(predictions[model], output)
            owners = [split_id(name)[0] for name in made.images]
            classes = np.array([chosen.get(owner, -1) for owner in owners])
            drawn = zip(owners, made.images, series_of_class(made, classes, output), strict=True)
            for owner, name, p in drawn:
                size = np.nanmax(sizes_of.get(owner, [np.nan]))
                if owner in placebos and name in grown and size > 0:
                    x = grown[name] / size
                    placebos[owner][model].append((x, p[: len(x)]))

    def pages():
        """Yield each image's id and card."""
        for entry in images:
            name = entry["id"]
            steps = strip_steps(axes[name], style["strip_frames"])
            frames = np.empty((0, 1, 1, 3), np.uint8)  # of a failed path
            for _, path in iterate_paths(store, [entry]):
                frames = path.frames[steps]
            sizes = np.full(len(axes[name]), np.nan)
            known = sizes_of.get(name, np.empty(0))
            sizes[: len(known)] = known
            rows = tests[tests["image"] == name]
            yield (
                name,
                draw_card(
                    frames,
                    axes[name],
                    {model: values[name] for model, values in series.items()},
                    placebos[name],
                    rows,
                    looks,
                    steps=steps,
                    title=f"{name}: {title}",
                    property_title=title,
                    sizes=sizes if len(known) else None,
                    sentences=[
                        verdict_sentence(row, alpha=cfg["alpha"], title=title)
                        for row in rows.to_dict("records")
                    ],
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

    def curves(name):
        """Return what the signature figure shows of one image."""
        used = np.isfinite(axes[name])
        here = scores[scores["image"] == name].set_index("model")["corrected"]
        shown = {}
        for model, values in series.items():
            p = values[name][used]
            spacings, at = np.empty(0), np.empty(0)
            if len(p) > 1 and np.isfinite(p).all():
                spacings, at = signature(p)
            shown[model] = (spacings, at, here[model])
        return shown

    save_pages(pages(), Path(snakemake.output.paths), style["formats"], style["dpi"])
    rows = [null_row(entry["id"]) for entry in images]
    figure = draw_nulls(rows, cfg["models"], looks, title=title, statistic=statistic)
    save(figure, Path(snakemake.output.nulls[0]).with_suffix(""), style["formats"], style["dpi"])
    figure = draw_signature(
        {entry["id"]: curves(entry["id"]) for entry in images}, looks, title=title
    )
    stem = Path(snakemake.output.signature[0]).with_suffix("")
    save(figure, stem, style["formats"], style["dpi"])
