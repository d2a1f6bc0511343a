"""Check an engine's inputs and lay out the store of a property."""

from zollstock.jobs.harness import job

with job(snakemake):
    from importlib import import_module
    from pathlib import Path

    from zollstock.draws import drawn_records
    from zollstock.engines import engine_for
    from zollstock.files import write_json
    from zollstock.images.table import read_table
    from zollstock.plan.files import state_of
    from zollstock.store import plan_store

    cfg = snakemake.params.cfg
    run = None
    if cfg["edited"]:
        run = import_module("zollstock.jobs.editing").run_options(snakemake.config["run_options"])
    images = read_table(Path(snakemake.input.images), Path(snakemake.input.pixels))
    images = drawn_records(images, cfg["draws"])
    engine = engine_for(cfg["property"], run)
    shape = engine.shape(images)
    rows = plan_store(Path(snakemake.params.store), shape, [image.id for image in images])
    plan = {"shape": shape._asdict(), "rows": rows, "facts": engine.facts()}
    # The rules that make paths see the plan alone: another state of a file is another plan.
    plan["files"] = state_of(snakemake.input.files)
    write_json(plan, Path(snakemake.output.plan))
