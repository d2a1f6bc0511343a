"""Draw the card of every image of one property."""

from zollstock.jobs.harness import job

with job(snakemake):
    from pathlib import Path

    import numpy as np
    import pandas as pd

    from zollstock.figures.cards import draw_card
    from zollstock.figures.sentences import verdict_sentence
    from zollstock.figures.sheets import strip_steps
    from zollstock.figures.style import model_looks, save_pages, set_style
    from zollstock.manifests import read_manifest, store_of
    from zollstock.scoring.follow import follow_stored
    from zollstock.significance.targets import followed_of, placebos_of_images
    from zollstock.store import PathStore, changes_of, iterate_paths

    cfg = snakemake.params.cfg
    style, title, output = cfg["figures"], cfg["title"], cfg["output"]
    file = Path(snakemake.input.manifest)
    # Of replicates the first is drawn.
    entries = [entry for entry in read_manifest(file)["images"] if entry["draw"] == 0]
    entries = entries[: style["max_images"]]
    store = PathStore(store_of(file))
    tests = pd.read_parquet(snakemake.input.tests)
    tests = tests[tests["property"] == snakemake.wildcards.property]
    sizes_of = {image: found for (image, _), found in changes_of(store.root, entries).items()}
    looks = model_looks(cfg["models"], style["palette"])
    set_style()

    targets = {
        model: follow_stored(Path(folder), output)
        for model, folder in zip(cfg["models"], snakemake.params.predictions, strict=True)
    }
    series = {
        model: {
            image: found.series[row]
            for row, image in enumerate(found.images)
            if not found.draws[row]
        }
        for model, found in targets.items()
    }
    first = targets[cfg["models"][0]]
    axes = {
        image: first.axis[row] for row, image in enumerate(first.images) if not first.draws[row]
    }

    # image → model → (share of the edit's size, followed output) of every placebo.
    placebos = {entry["image"]: {model: [] for model in cfg["models"]} for entry in entries}
    # Without placebos both lists are empty.
    for file in map(Path, snakemake.input.placebos):
        grown = changes_of(store_of(file), read_manifest(file)["images"])
        for model, folder in zip(cfg["models"], snakemake.params.placebo_predictions, strict=True):
            made = follow_stored(Path(folder), output, followed_of(targets[model]))
            drawn = placebos_of_images(made, grown)
            for name, of_image in placebos.items():
                size = np.nanmax(sizes_of.get(name, [np.nan]))
                if name in drawn and size > 0:
                    of_image[model] = [
                        (x[np.isfinite(x)] / size, p[np.isfinite(x)])
                        for p, x in zip(*drawn[name], strict=True)
                    ]

    def pages():
        """Yield each image's id and card."""
        for entry in entries:
            name = entry["image"]
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

    save_pages(pages(), Path(snakemake.output.paths), style["formats"], style["dpi"])
