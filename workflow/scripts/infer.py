"""Run one model on every frame of one property."""

from workflow.scripts.harness import job

with job(snakemake):
    from pathlib import Path

    import torch

    from zollstock.inference.inputs import count_frames, read_inputs
    from zollstock.inference.predictions import write_predictions
    from zollstock.inference.run import Runner
    from zollstock.models.card import load_model
    from zollstock.progress import FrameProgress

    torch.set_num_threads(snakemake.threads)
    settings = snakemake.params.cfg["inference"]
    model = load_model(Path(snakemake.input.weights), Path(snakemake.input.card))
    frames = Path(snakemake.input.frames)
    title = f"{snakemake.wildcards.model} on {snakemake.wildcards.property}"
    with FrameProgress(title, count_frames(frames)) as count:
        predictions = Runner(model, **settings).run(read_inputs(frames), count)
    write_predictions(predictions, Path(snakemake.output.predictions))
