"""Check an engine's inputs and lay out the store of a property."""

from workflow.scripts.harness import job

with job(snakemake):
    from pathlib import Path

    from workflow.editing import run_options
    from zollstock.engines import engine_for
    from zollstock.files import write_json
    from zollstock.images.table import read_table
    from zollstock.store import plan_store

    prop = snakemake.params.cfg["property"]
    images = read_table(Path(snakemake.input.images), Path(snakemake.input.pixels))
    engine = engine_for(prop, run_options(snakemake.params.cfg))
    shape = engine.shape(images)
    rows = plan_store(Path(snakemake.params.store), shape, [image.id for image in images])
    plan = {"shape": shape._asdict(), "rows": rows, "facts": engine.facts()}
    write_json(plan, Path(snakemake.output.plan))
