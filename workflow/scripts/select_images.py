"""Choose the images of a study."""

from zollstock.jobs.harness import job

with job(snakemake):
    import sys
    from pathlib import Path

    import pandas as pd

    from zollstock.images.listing import list_csv, list_folder
    from zollstock.images.selection import select_files, select_rendered
    from zollstock.images.table import write_table
    from zollstock.worlds import get_world

    cfg, images = snakemake.params.cfg, snakemake.params.cfg["images"]
    paths = [Path(name) for name in snakemake.input.models]
    accept = None
    if paths:
        # torch is loaded only where models have a say.
        from zollstock.inference.classify import correct_for_all
        from zollstock.models.card import load_model

        models = [load_model(*pair) for pair in zip(paths[::2], paths[1::2], strict=True)]
        accept = correct_for_all(models)
    common = {
        "n_per_class": images["n_per_class"],
        "seed": cfg["seed"],
        "folder": Path(snakemake.output.pixels),
        "accept": accept,
    }
    common["folder"].mkdir(parents=True, exist_ok=True)
    if images["source"] == "renderer":
        world = cfg["world"]
        selection = select_rendered(
            get_world(world["name"]),
            distribution=images["distribution"],
            size=world["size"],
            bias=world["bias"],
            shape_noise=world["shape_noise"],
            **common,
        )
    else:
        if images["source"] == "folder":
            labels = Path(images["labels"]) if images["labels"] else None
            candidates = list_folder(Path(images["path"]), labels)
        else:
            root = Path(images["root"]) if images["root"] else None
            candidates = list_csv(Path(images["path"]), root)
        selection = select_files(candidates, min_side=images["min_side"], **common)
    if selection.skipped:
        print(
            f"skipped {len(selection.skipped)} files, see {snakemake.output.skipped}",
            file=sys.stderr,
        )
    write_table(selection.images, Path(snakemake.output.table))
    columns = ["path", "label", "reason"]
    skipped = pd.DataFrame([vars(item) for item in selection.skipped], columns=columns)
    skipped.to_csv(snakemake.output.skipped, index=False)
