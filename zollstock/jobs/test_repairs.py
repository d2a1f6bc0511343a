"""Measure the accuracy of models before and after their repair, on the same pictures."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from zollstock.inference.run import Runner
from zollstock.jobs.repairing import groups_of
from zollstock.models.card import load_model
from zollstock.models.data.base import source_of
from zollstock.repair.accuracy import joined, of_split


def test_repairs(
    *,
    models: Mapping[str, tuple[Path, Path]],
    data: Mapping[str, Mapping[str, Any]],
    facts: Mapping[str, Mapping[str, Any]],
    latents: Sequence[str],
    world: str,
    seed: int,
    device: str,
    table: Path,
) -> None:
    """Write the table of accuracies; see `zollstock.repair.accuracy.of_split`.

    Parameters
    ----------
    models
        Name → weights and card, of the study's models and of repaired ones.
    data
        Name → ``source``, and what else that module in `zollstock.models.data` reads.
    facts
        Repaired model → ``base``, ``method`` and ``seed``.
    latents, world
        What groups are told by; see `zollstock.jobs.repairing.groups_of`.
    seed
        Of the study.
    device
        ``auto``, ``cpu``, ``cuda`` or ``mps``.
    table
        The CSV that is written.
    """
    runners = {
        name: Runner(load_model(*files), device=device, batch_size=64, shared=True)
        for name, files in models.items()
    }
    groups: dict[str, list[str]] = {}
    for name in models:
        groups.setdefault(json.dumps(data[name], sort_keys=True), []).append(name)
    tables = []
    for told, names in groups.items():
        found = json.loads(told)
        for split, pictures in source_of(found).test_sets(found, seed):
            logits, labels = {}, {}
            for name in names:
                model = runners[name].model
                images, labels[name] = pictures.fitted(model.classes, model.geometry)
                logits[name] = runners[name].logits(images)
            shown = groups_of(pictures, latents, world)
            tables.append(of_split(split, logits, labels, shown, facts))
    joined(tables).to_csv(table, index=False, float_format="%.6g")
