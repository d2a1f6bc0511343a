"""Bring a user's model into the workflow's format."""

from zollstock.jobs.harness import job

with job(snakemake):
    from pathlib import Path

    from zollstock.models.card import save_model
    from zollstock.models.registry import build_model
    from zollstock.models.weights import load_into, read_weights

    model = snakemake.params.cfg["model"]
    module = build_model(model["family"], model["arguments"], len(model["classes"]))
    if model["weights"]:
        weights = Path(model["weights"])
        load_into(module, read_weights(weights), weights)
    save_model(
        module,
        model,
        Path(snakemake.output.weights),
        Path(snakemake.output.card),
        imported_from=model["weights"],
    )
