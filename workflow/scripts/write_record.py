"""Write down what made the results, and the checksum of each."""

from zollstock.jobs.harness import job

with job(snakemake):
    from pathlib import Path

    from zollstock.jobs.write_record import write_record

    parts = {name: [] for name in ("tables", "figures", "predictions", "frames")}
    for name, part in snakemake.params.parts.items():
        found = snakemake.input[name]
        parts[part] += [Path(file) for file in ([found] if isinstance(found, str) else found)]
    parts["predictions"] += [Path(folder) for folder in snakemake.params.predictions]
    write_record(
        results=Path(snakemake.output.metadata).parent, parts=parts, **snakemake.params.cfg
    )
