"""Measure the accuracy of every checkpoint that was trained here, on each split."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from zollstock.inference.run import Runner
from zollstock.jobs.testing import splits_of
from zollstock.models.card import check_checkpoints, load_model
from zollstock.models.checkpoints import Checkpoint
from zollstock.models.weights import read_weights
from zollstock.progress import Progress


def test_checkpoints(
    *,
    series: Mapping[str, Sequence[Checkpoint]],
    models: Mapping[str, tuple[Path, Path]],
    data: Mapping[str, Mapping[str, Any]],
    seed: int,
    device: str,
    threads: int,
    table: Path,
) -> None:
    """Write a table with the columns model, checkpoint, epoch, split, accuracy and n.

    Parameters
    ----------
    series
        Model → its checkpoints.
    models, data, seed, device
        See `zollstock.jobs.testing.said_of_splits`.
    threads
        Of torch, on a CPU.
    table
        The CSV that is written; a model's rows come split by split.
    """
    import torch

    torch.set_num_threads(threads)
    rows = []
    with Progress("checkpoints", sum(map(len, series.values()))) as count:
        for names, splits in splits_of({name: data[name] for name in series}, seed):
            tests = list(splits)
            for name in names:
                check_checkpoints(models[name][1], series[name])
                runner = Runner(
                    load_model(*models[name]), device=device, batch_size=64, shared=True
                )
                model = runner.model
                fitted = [
                    (split, *pictures.fitted(model.classes, model.geometry))
                    for split, pictures in tests
                ]
                for one in series[name]:
                    runner.load(read_weights(Path(one.file)), Path(one.file))
                    for split, images, labels in fitted:
                        hits = runner.logits(images).argmax(axis=1) == labels
                        rows.append((name, one.name, one.epoch, split, hits.mean(), len(hits)))
                    count(1)
    columns = ["model", "checkpoint", "epoch", "split", "accuracy", "n"]
    found = pd.DataFrame(rows, columns=columns)
    order = {name: place for place, name in enumerate(series)}
    found = found.sort_values("model", key=lambda names: names.map(order), kind="stable")
    found.to_csv(table, index=False)
