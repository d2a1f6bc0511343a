"""Download an editor's weights and configs."""

from zollstock.jobs.harness import job

with job(snakemake):
    from pathlib import Path

    from zollstock.engines.diffusion.checkpoints import checksum, fetch
    from zollstock.files import write_json

    source = snakemake.params.cfg
    note = Path(snakemake.output.note)
    # A folder that was copied here by hand is taken as it is.
    if not (note.parent / "model_index.json").is_file():
        fetch(source["checkpoint"], source["revision"], note.parent)
    write_json(source | {"sha256": checksum(note.parent)}, note)
