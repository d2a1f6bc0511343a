"""Make the placebo paths of one job's share of the images."""

from zollstock.jobs.harness import job

with job(snakemake):
    import sys
    from importlib import import_module
    from pathlib import Path

    from zollstock.draws import split_id
    from zollstock.engines import engine_for
    from zollstock.engines.produce import produce_draws
    from zollstock.files import read_json, write_json
    from zollstock.images.table import read_table
    from zollstock.paths import pixel_change
    from zollstock.progress import Progress
    from zollstock.store import PathStore, iterate_paths

    cfg = snakemake.params.cfg
    plan = read_json(Path(snakemake.input.plan))
    images = read_table(Path(snakemake.input.images), Path(snakemake.input.pixels))
    mine = images[cfg["part"] :: cfg["parts"]]
    settings, run = cfg["property"], None
    if cfg["edited"]:
        options = snakemake.config["run_options"]
        run = import_module("zollstock.jobs.editing").run_options(
            options, threads=snakemake.threads
        )
    store = PathStore(Path(snakemake.params.store), writable=True)

    def edit_sizes(manifest):
        """Return image id → size of its largest edit, of a property's paths."""
        edits = PathStore(store.root.with_name(Path(manifest).stem + ".zarr"))
        ours = {image.id for image in mine}
        entries = [e for e in read_json(Path(manifest))["images"] if split_id(e["id"])[0] in ours]
        found = {}
        for name, path in iterate_paths(edits, entries):
            image, size = split_id(name)[0], pixel_change(path.frames, path.frames[0]).max()
            found[image] = max(found.get(image, 0.0), float(size))
        return found

    sizes = [edit_sizes(manifest) for manifest in snakemake.input.manifests]
    limits = {image.id: max(found.get(image.id, 0.0) for found in sizes) for image in mine}
    stop = None
    if cfg["stop_after"]:
        stop = import_module("zollstock.jobs.stopping").early_stop(
            cfg,
            snakemake.params.predictions,
            snakemake.input.watched,
            sizes,
            snakemake.config["inference"]["device"],
        )

    def enough(image, entry):
        """Return whether an image needs no further placebo."""
        if stop is None or "failed" in entry:
            return False
        frames = store.read(entry["row"]).frames
        return stop.enough(image, frames, pixel_change(frames, frames[0]))

    wanted = len(mine) * len(cfg["draws"])
    title = f"{snakemake.wildcards.property}, part {cfg['part'] + 1} of {cfg['parts']}"
    with Progress(title, wanted * plan["shape"]["steps"]) as count:
        entries = produce_draws(
            engine_for(settings | {"limits": limits}, run),
            settings | cfg["inexact"],
            mine,
            cfg["draws"],
            store,
            plan["rows"],
            seed=(cfg["seed"], snakemake.wildcards.property),
            frames_done=count,
            enough=enough,
        )
    print(
        f"{title}: {len(entries)} of {wanted} placebo edits were needed, "
        f"{wanted - len(entries)} saved",
        file=sys.stderr,
    )
    write_json(entries, Path(snakemake.output.part))
