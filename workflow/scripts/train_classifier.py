"""Train a classifier on a distribution of the drawn world."""

from zollstock.jobs.harness import job

with job(snakemake):
    from pathlib import Path

    import torch

    from zollstock.images.geometry import geometry_of
    from zollstock.models.card import save_model
    from zollstock.models.normalisation import Normalisation
    from zollstock.models.registry import build_model
    from zollstock.models.training import train_classifier
    from zollstock.progress import Progress
    from zollstock.seeds import seed_for
    from zollstock.worlds.datasets import check_classes, draw_dataset

    cfg = snakemake.params.cfg
    model, training, world = cfg["model"], cfg["training"], cfg["world"]
    check_classes(world["name"], model["classes"], f"models.{snakemake.wildcards.model}.classes")
    images, labels = draw_dataset(
        world, model["trained_on"], training["images"], seed=(cfg["seed"], "train")
    )
    images = geometry_of(model["preprocessing"]).apply(images)
    torch.set_num_threads(snakemake.threads)
    # The same start for every model: they differ by what they have seen, nothing else.
    seed = seed_for(cfg["seed"], "training")
    torch.manual_seed(seed)
    module = build_model(model["family"], model["arguments"], len(model["classes"]))
    steps = training["epochs"] * (len(images) // training["batch_size"])
    with Progress(f"training {snakemake.wildcards.model}", steps, "steps") as count:
        history = train_classifier(
            module,
            images,
            labels,
            epochs=training["epochs"],
            batch_size=training["batch_size"],
            learning_rate=training["learning_rate"],
            weight_decay=training["weight_decay"],
            seed=seed,
            normalisation=Normalisation.of(model["preprocessing"]),
            progress=lambda done, total, info: count(done - count.done),
        )
    save_model(
        module,
        model,
        Path(snakemake.output.weights),
        Path(snakemake.output.card),
        trained_on=model["trained_on"],
        history=vars(history),
    )
