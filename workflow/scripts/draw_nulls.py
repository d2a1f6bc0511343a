"""Draw the nulls of the shuffle test of one property, and what jitter adds to its scores."""

from zollstock.jobs.harness import job

with job(snakemake):
    from pathlib import Path

    import numpy as np
    import pandas as pd

    from zollstock.figures.nulls import NullCell, NullRow, draw_nulls
    from zollstock.figures.signature import draw_signature
    from zollstock.figures.style import model_looks, save, set_style
    from zollstock.inference.predictions import iterate_predictions
    from zollstock.scoring.constants import VECTOR
    from zollstock.scoring.follow import follow_stored
    from zollstock.scoring.jitter import signature
    from zollstock.scoring.moments import EXACT
    from zollstock.scoring.shuffle import null_distribution, shuffled_series
    from zollstock.scoring.vector import (
        distances_along,
        signature_of_distances,
        vector_null,
    )

    SHUFFLES_SHOWN = 20

    cfg = snakemake.params.cfg
    style, scoring, title, seed = cfg["figures"], cfg["scoring"], cfg["title"], cfg["seed"]
    statistic = scoring["statistics"][0]
    scores = pd.read_parquet(snakemake.input.scores)
    scores = scores[
        (scores["property"] == snakemake.wildcards.property)
        & (scores["statistic"] == statistic)
        & (scores["replicate"] == 0)
    ]
    looks = model_looks(cfg["models"], style["palette"])
    set_style()

    targets = {
        model: follow_stored(Path(folder), scoring["output"])
        for model, folder in zip(cfg["models"], snakemake.params.predictions, strict=True)
    }
    first = targets[cfg["models"][0]]
    # Of replicates the first is drawn.
    paths = [(row, name) for row, name in enumerate(first.images) if first.draws[row] == 0][
        : style["max_images"]
    ]

    # Of all classes at once a score is a sum of distances between steps, not one of the series.
    apart = {}
    if scoring["output"] == VECTOR and statistic in EXACT:
        names = {name for _, name in paths}
        for model, folder in zip(cfg["models"], snakemake.params.predictions, strict=True):
            apart[model] = distances_along(iterate_predictions(Path(folder)), names)

    nulls, curves = [], {}
    for row, name in paths:
        here = scores[scores["image"] == name].set_index("model")
        cells, curves[name] = {}, {}
        for model, target in targets.items():
            used = np.isfinite(target.axis[row])
            axis, p, score = target.axis[row][used], target.series[row][used], here.loc[model]
            shuffled, null = np.empty((0, len(p))), np.empty(0)
            if np.isfinite(score["score"]):
                shuffled = shuffled_series(p, SHUFFLES_SHOWN, seed)
                if model in apart:
                    null = vector_null(apart[model][name], statistic, scoring["permutations"], seed)
                else:
                    null = null_distribution(p, statistic, scoring["permutations"], seed, axis)
            test = (score[key] for key in ("score", "null_mean", "null_std", "p_value"))
            cells[model] = NullCell(axis, p, shuffled, null, *test)
            spacings, at = np.empty(0), np.empty(0)
            if len(p) > 1 and np.isfinite(p).all():
                spacings, at = signature(p)
                if model in apart:
                    at = signature_of_distances(apart[model][name], spacings)
            curves[name][model] = (spacings, at, score["corrected"])
        nulls.append(NullRow(name, cells))

    figure = draw_nulls(nulls, cfg["models"], looks, title=title, statistic=statistic)
    save(figure, Path(snakemake.output.nulls[0]).with_suffix(""), style["formats"], style["dpi"])
    figure = draw_signature(curves, looks, title=title)
    stem = Path(snakemake.output.signature[0]).with_suffix("")
    save(figure, stem, style["formats"], style["dpi"])
