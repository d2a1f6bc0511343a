"""Measure the accuracy of trained models on one test split per distribution."""

from zollstock.jobs.harness import job

with job(snakemake):
    from pathlib import Path

    import pandas as pd

    from zollstock.inference.run import Runner
    from zollstock.models.card import load_model
    from zollstock.worlds import get_world
    from zollstock.worlds.datasets import draw_dataset

    cfg = snakemake.params.cfg
    paths = [Path(name) for name in snakemake.input.models]
    models = {
        weights.stem: load_model(weights, card)
        for weights, card in zip(paths[::2], paths[1::2], strict=True)
    }
    rows = []
    for split in get_world(cfg["world"]["name"]).distributions:
        seed = (cfg["seed"], "test")
        images, labels = draw_dataset(cfg["world"], split, cfg["test_images"], seed)
        for name, model in models.items():
            logits = Runner(model, device="cpu", batch_size=64).logits(model.geometry.apply(images))
            accuracy = (logits.argmax(axis=1) == labels).mean()
            rows.append({"model": name, "split": split, "accuracy": accuracy, "n": len(labels)})
    pd.DataFrame(rows).to_csv(snakemake.output.table, index=False)
