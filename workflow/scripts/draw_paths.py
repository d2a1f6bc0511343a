"""Draw the main figure and the null of every image of one property."""

from workflow.scripts.harness import job

with job(snakemake):
    from pathlib import Path

    import pandas as pd

    from zollstock.figures.paths import draw_null, draw_path, strip_steps
    from zollstock.figures.sheets import MAX_ROWS, draw_path_sheet
    from zollstock.figures.style import model_looks, save, set_style
    from zollstock.files import read_json
    from zollstock.inference.predictions import read_predictions
    from zollstock.scoring.shuffle import null_distribution, shuffled_series
    from zollstock.scoring.table import followed_series
    from zollstock.store import PathStore

    cfg = snakemake.params.cfg
    style, scoring, title = cfg["figures"], cfg["scoring"], cfg["title"]
    manifest = read_json(Path(snakemake.input.manifest))
    store = PathStore(Path(snakemake.params.store))
    scores = pd.read_parquet(snakemake.input.scores)
    scores = scores[
        (scores["property"] == snakemake.wildcards.property)
        & (scores["statistic"] == scoring["statistics"][0])
    ]
    predictions = {
        name: read_predictions(Path(folder))
        for name, folder in zip(cfg["models"], snakemake.input.predictions, strict=True)
    }
    every = {name: followed_series(found, scoring["output"]) for name, found in predictions.items()}
    set_style()
    looks = model_looks(cfg["models"], style["palette"])
    steps = strip_steps(manifest["shape"]["steps"], style["strip_frames"])
    save_as = {"formats": style["formats"], "dpi": style["dpi"]}
    strips = []
    for index, entry in enumerate(manifest["images"]):
        path = store.read_checked(entry["row"], entry["id"], entry["checksum"])
        here = scores[scores["image"] == entry["id"]]
        series = {name: values[index] for name, values in every.items()}
        words = {"title": f"{entry['id']}: {title}", "property_title": title}
        figure = draw_path(path.frames[steps], path.axis, series, here, looks, steps=steps, **words)
        save(figure, Path(snakemake.output.paths) / entry["id"], **save_as)
        test = (scoring["statistics"][0], scoring["permutations"], cfg["seed"])
        shuffled = {name: shuffled_series(p, 20, cfg["seed"]) for name, p in series.items()}
        nulls = {name: null_distribution(p, *test) for name, p in series.items()}
        figure = draw_null(path.axis, series, shuffled, nulls, here, looks, **words)
        save(figure, Path(snakemake.output.nulls) / entry["id"], **save_as)
        if len(strips) < MAX_ROWS:
            strips.append(path.frames[steps])
    names = [entry["id"] for entry in manifest["images"]][: len(strips)]
    total = len(manifest["images"])
    sheet = draw_path_sheet(strips, names, title=title, total=total)
    stem = Path(snakemake.output.sheet[0])
    save(sheet, stem.with_suffix(""), **save_as)
