"""Train the small editor on as many pairs as fit into so many seconds, and examine it.

    PYTHONPATH=. python benchmarks/train_on_gpu.py --folder editor --seconds 110 --processes 14

A short training measures how many pairs a second are reached; the real one then gets the number
that fits, since its learning rate falls towards the end. Figures are appended as they are found.
"""

import argparse
import json
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
import yaml

from zollstock.devices import hold_device
from zollstock.editors.architecture import Size
from zollstock.editors.making import make_editor
from zollstock.editors.training import Recipe
from zollstock.jobs.train_editor import examine
from zollstock.settings import parse_study

ROOT = Path(__file__).resolve().parents[1]
MARGIN = 0.85
"""Part of the time that training gets; the rest starts workers and compiles."""


class Timed:
    """Counts samples and notes when each stage began and ended."""

    def __init__(self) -> None:
        self.stages: list[dict[str, Any]] = []

    @contextmanager
    def __call__(self, title: str, total: int) -> Iterator["Timed"]:
        """Open a stage."""
        self.done, self.late, self.since = 0, 0, 0.0
        start = time.perf_counter()
        self.half = total // 2
        yield self
        end = time.perf_counter()
        rate = self.late / (end - self.since) if self.since else 0.0
        self.stages.append(
            {
                "stage": title,
                "samples": self.done,
                "seconds": round(end - start, 1),
                "samples_per_second_second_half": round(rate, 1),
            }
        )

    def count(self, finished: int) -> None:
        """Count samples; from the middle on for the rate, when all is warm."""
        self.done += finished
        if self.done >= self.half and not self.since:
            self.since = time.perf_counter()
        elif self.since:
            self.late += finished


class _Counting(Timed):
    """A `Timed` that is called to count while a stage is open, as training does."""

    def __call__(self, *arguments: Any) -> Any:
        """Open a stage (title, total) or count samples (finished)."""
        return super().__call__(*arguments) if len(arguments) == 2 else self.count(*arguments)


def main() -> None:
    """Measure, train, examine."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--folder", type=Path, required=True)
    options.add_argument("--figures", type=Path, default=Path("training.jsonl"))
    options.add_argument("--models", type=Path, help="weights and cards of the default study's")
    options.add_argument("--seconds", type=float, default=110)
    options.add_argument("--processes", type=int, default=1)
    options.add_argument("--batch", type=int, default=256)
    options.add_argument("--rate", type=float, default=2e-3)
    options.add_argument("--rehearse", action="store_true", help="tiny sizes")
    given = options.parse_args()
    device = hold_device("auto")
    study = parse_study(yaml.safe_load((ROOT / "config/config.yaml").read_text()), "config.yaml")
    editor = study.model_dump()["editor_training"] | {"device": device.type}
    world = study.model_dump()["world"]
    compiled = device.type == "cuda"
    size = Size(image=16, autoencoder_channels=8, latent_channels=4, unet_channels=(16, 16))
    if not given.rehearse:
        size = Size(image=world["size"])
    batch = 16 if given.rehearse else given.batch
    use = {key: editor[key] for key in ("image_guidance", "stop", "denoising_steps")}

    def train(folder: Path, autoencoder_samples: int, samples: int) -> list[dict[str, Any]]:
        timed = _Counting()
        recipe = Recipe(
            seed=editor["seed"],
            sources=16 if given.rehearse else editor["sources"],
            autoencoder_samples=autoencoder_samples,
            autoencoder_batch=16 if given.rehearse else 64,
            samples=samples,
            batch=batch,
            rate=given.rate,
        )
        make_editor(
            folder,
            recipe,
            size,
            device=str(device),
            progress=timed,
            processes=given.processes,
            compiled=compiled,
            **use,
        )
        note(given.figures, {"recipe": recipe.as_dict(), "stages": timed.stages})
        return timed.stages

    torch.set_float32_matmul_precision("high")
    with tempfile.TemporaryDirectory() as place:
        short = [64, 64] if given.rehearse else [12_800, 60 * batch]
        stages = train(Path(place) / "short", *short)
    rates = [stage["samples_per_second_second_half"] for stage in stages]
    # A fifth of the time for the autoencoder, whose latents everything else is made of.
    shares = [0.2 * MARGIN * given.seconds, 0.8 * MARGIN * given.seconds]
    numbers = [
        least if given.rehearse else max(int(rate * share), least)
        for rate, share, least in zip(rates, shares, short, strict=True)
    ]
    train(given.folder, *(number // batch * batch for number in numbers))
    names = ["unbiased", "dark_cats", "dark_dogs"]
    models = [(given.models / f"{n}.safetensors", given.models / f"{n}.json") for n in names]
    if given.rehearse or not all(file.is_file() for pair in models for file in pair):
        note(given.figures, {"gate": "not examined: the study's models are not there"})
        return
    examine(models=models, trained_on=names, editor=editor, world=world, folder=given.folder)
    gate = json.loads((given.folder / "gate.json").read_text())
    note(given.figures, {"gate": {c["name"]: round(c["value"], 3) for c in gate["criteria"]}})


def note(file: Path, figures: dict[str, Any]) -> None:
    """Append figures as a line."""
    with file.open("a") as opened:
        opened.write(json.dumps(figures) + "\n")


if __name__ == "__main__":
    main()
