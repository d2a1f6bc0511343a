"""Write down what made the results, and the checksum of each."""

from zollstock.jobs.harness import job

with job(snakemake):
    import importlib.metadata
    from pathlib import Path

    from zollstock.files import sha256_of, write_json
    from zollstock.plan.imports import ROOT, packages
    from zollstock.provenance.crate import crate, published
    from zollstock.provenance.record import write_record
    from zollstock.provenance.software import versions

    cfg, files = snakemake.params.cfg, snakemake.input
    settings = cfg["settings"]
    results = Path(snakemake.output.metadata).parent

    def paths(*groups):
        """Return all files of some groups of inputs, a single one included."""
        lists = [[group] if isinstance(group, str) else group for group in groups]
        return [Path(file) for group in lists for file in group]

    used = {"snakemake"}
    for name in cfg["scripts"]:
        script = ROOT / "workflow" / "scripts" / name
        used |= packages(script, *cfg["modules"], without=tuple(cfg["without"]))
    own = cfg["own_environments"]
    found = versions(used, ROOT / "envs" if own else None)
    found.setdefault("snakemake", importlib.metadata.version("snakemake"))
    parts = {
        "tables": paths(files.images, files.models, files.manifests, files.ledgers, files.scores),
        "figures": paths(files.figures),
        "predictions": paths(files.predicted, snakemake.params.predictions),
        "frames": paths(files.pixels),
    }
    record = write_record(
        results,
        ROOT,
        settings,
        parts,
        found,
        environments="one per rule, from envs/" if own else "one for all rules",
        checkpoints={name: Path(folder) for name, folder in cfg["checkpoints"].items()},
    )
    metadata = crate(
        record,
        sha256_of(Path(snakemake.output.record)),
        {"record", *parts},
        published(),
        settings["archive"]["license"],
    )
    write_json(metadata, Path(snakemake.output.metadata))
