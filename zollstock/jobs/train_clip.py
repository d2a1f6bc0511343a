"""Train a small CLIP on captions of drawn worlds, and go on with a training that was killed."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import torch

from zollstock.files import sha256_of, write_json
from zollstock.jobs.training import RECIPE, device_to_train_on, train_with_progress
from zollstock.models.captions import draw_captioned, filled
from zollstock.models.contrastive import (
    Contrastive,
    clip_of,
    embedded_pictures,
    embedded_texts,
    save_checkpoint,
    tokenised,
    tokeniser_of,
)
from zollstock.models.normalisation import Normalisation
from zollstock.models.unfinished import FOLDER, Unfinished, fingerprint_of
from zollstock.seeds import seed_for
from zollstock.worlds.datasets import draw_dataset


def train_clip(
    *,
    training: Mapping[str, Any],
    seed: int,
    folder: Path,
    threads: int,
    code: Sequence[Path] = (),
) -> None:
    """Train a CLIP and write a checkpoint that transformers reads, with a card beside it.

    Parameters
    ----------
    training
        ``pictures`` as `zollstock.models.captions.draw_captioned` takes them, ``test_images``,
        ``size``, what `zollstock.models.contrastive.clip_of` takes, ``epochs``, ``batch_size``,
        ``learning_rate``, ``weight_decay``, ``mirror`` and ``device``.
    seed
        Of the study.
    folder
        What is written. What is kept of an unfinished training lies in a folder beside it, since
        Snakemake deletes outputs, and is removed at the end.
    threads
        Of torch, where it trains on a CPU.
    code
        The files that run: an unfinished training of other ones is begun again.
    """
    device = device_to_train_on(training["device"], threads)
    told = draw_captioned(training["pictures"], seed)
    tokeniser = tokeniser_of(told.captions)
    start = seed_for(seed, "training")
    torch.manual_seed(start)
    module = clip_of(training, tokeniser)
    depends = {"training": dict(training), "seed": start, "captions": told.captions}
    depends |= {"device": str(device), "threads": threads}
    place = folder.parent / FOLDER / f"{folder.name}.safetensors"
    kept = Unfinished(place, fingerprint_of(module, told.images, told.labels, depends, code))
    history = train_with_progress(
        "training a CLIP",
        module,
        told.images,
        told.labels,
        training,
        seed=start,
        device=device,
        unfinished=kept,
        objective=Contrastive(tokeniser, told.captions, told.labels, len(told.classes)),
        where="captions",
    )
    module = module.to("cpu").to(memory_format=torch.contiguous_format)
    folder.mkdir(parents=True, exist_ok=True)
    save_checkpoint(module, tokeniser, training["size"], folder)
    # A training before may have left its card.
    files = sorted(set(folder.iterdir()) - {folder / "card.json"})
    card = {
        "trained_on": [
            {key: found[key] for key in ("distribution", "images", "names", "templates", "words")}
            | {"world": found["world"]["name"]}
            for found in training["pictures"]
        ],
        "captions": len(set(told.captions)),
        "tokens": len(tokeniser),
        "parameters": sum(value.numel() for value in module.parameters()),
        "training": {key: training[key] for key in (*RECIPE, "device", "size")},
        "history": vars(history),
        "checksums": {file.name: sha256_of(file) for file in files},
        "accuracy": {
            found["world"]["name"]: _accuracy(module, tokeniser, found, training, seed)
            for found in training["pictures"]
        },
    }
    write_json(card, folder / "card.json")
    kept.remove()


@torch.inference_mode()
def _accuracy(
    module: Any,  # noqa: ANN401
    tokeniser: Any,  # noqa: ANN401
    found: Mapping[str, Any],
    training: Mapping[str, Any],
    seed: int,
) -> float:
    """Return the share of new pictures that are nearest to the names of their own class.

    Of each class the mean direction of its names, in the first template, stands for it; words of
    latents are left out.
    """
    world = found["world"]
    images, labels = draw_dataset(
        world, found["distribution"], training["test_images"], (seed, "captioned test")
    )
    without = dict.fromkeys(found["words"], "")
    directions = []
    for names in found["names"].values():
        texts = [filled(found["templates"][0], without | {"": name}) for name in names]
        directions.append(embedded_texts(module, tokenised(tokeniser, texts)).mean(0))
    sides = torch.nn.functional.normalize(torch.stack(directions), dim=-1)
    normalisation, hits = Normalisation(), 0
    for first in range(0, len(images), 64):
        seen = embedded_pictures(module, normalisation.apply(images[first : first + 64]))
        hits += int(((seen @ sides.T).argmax(1).numpy() == labels[first : first + 64]).sum())
    return hits / len(labels)
