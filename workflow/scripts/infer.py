"""Run one model on every frame of one property."""

from workflow.scripts.harness import job

with job(snakemake):
    from pathlib import Path

    import torch

    from zollstock.files import read_json
    from zollstock.images.geometry import Geometry
    from zollstock.inference.inputs import checked_inputs, read_inputs
    from zollstock.inference.predictions import write_predictions
    from zollstock.inference.run import Runner
    from zollstock.models.card import load_model
    from zollstock.progress import FrameProgress

    torch.set_num_threads(snakemake.threads)
    settings = snakemake.params.cfg["inference"]
    model = load_model(Path(snakemake.input.weights), Path(snakemake.input.card))
    manifest = read_json(Path(snakemake.input.manifest))
    resized = snakemake.input.get("frames")
    if resized:
        inputs = read_inputs(Path(resized))
    else:
        inputs = checked_inputs(Path(snakemake.params.store), manifest, Geometry())
    title = f"{snakemake.wildcards.model} on {snakemake.wildcards.property}"
    # The unedited image of every path is predicted with its frames.
    total = len(manifest["images"]) * (manifest["shape"]["steps"] + 1)
    with FrameProgress(title, total) as count:
        predictions = Runner(model, **settings).predict(inputs, count)
        folder = Path(snakemake.output.predictions)
        write_predictions(predictions, folder, len(manifest["images"]))
