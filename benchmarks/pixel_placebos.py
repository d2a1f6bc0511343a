"""Whether placebos of photographs keep the test's level, on a finished study's model and pictures.

The edit under test is itself a draw of the placebos' recipe, so that nothing is to be found:

    python benchmarks/pixel_placebos.py results/imagenet lite0 --edits 12
"""

import argparse
from pathlib import Path

import numpy as np
import torch
from PIL import Image

from zollstock.engines.placebos.matched import frames_on
from zollstock.engines.placebos.pixels import KNOBS, Disturbed
from zollstock.engines.placebos.ways import Way
from zollstock.images.table import read_table
from zollstock.inference.run import Runner
from zollstock.models.card import load_model
from zollstock.paths import pixel_change
from zollstock.profiles import compared_steps, profile_of
from zollstock.seeds import rng_for

STEPS, COMPARED, PLACEBOS, TOLERANCE = 17, 3, 19, 0.2
SIZES = (0.02, 0.05, 0.1)


def p_of(start: Disturbed, runner: Runner, rng: np.random.Generator) -> float:
    """Return the placebo p of an edit that is a placebo."""
    still = runner.probabilities(start.image[None])[0]
    followed = int(still.argmax())

    def moved(frames: np.ndarray) -> float:
        found = runner.probabilities(frames)[:, followed]
        return float(np.ptp(np.append(found, still[followed])))

    def way(size: float) -> Way:
        return Way(start, int(rng.integers(2**60)), size, TOLERANCE)

    size = float(rng.choice(SIZES))
    edit = way(size).frames(np.linspace(0, size, STEPS))
    profile = profile_of(pixel_change(edit, start.image), COMPARED)
    sizes = [point.size for point in profile]
    value = moved(edit[compared_steps(STEPS, COMPARED)])
    placebos = [moved(frames_on({1: way(max(sizes))}, profile, sizes)) for _ in range(PLACEBOS)]
    return (1 + sum(one >= value for one in placebos)) / (1 + PLACEBOS)


def main() -> None:
    """Print how often p is at most each level."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("results", type=Path)
    parser.add_argument("model")
    parser.add_argument("--edits", type=int, default=12, help="of each picture")
    given = parser.parse_args()
    torch.set_num_threads(1)
    models, images = given.results / "models", given.results / "images"
    files = [models / f"{given.model}.{kind}" for kind in ("safetensors", "json")]
    runner = Runner(load_model(*files), device="cpu", batch_size=16)
    found: list[float] = []
    for record in read_table(images / "images.csv", images / "pixels"):
        pixels = record.pixels()
        side = min(pixels.shape[:2])
        upper, left = ((length - side) // 2 for length in pixels.shape[:2])
        square = Image.fromarray(pixels[upper : upper + side, left : left + side])
        start = Disturbed(
            np.array(square.resize((224, 224), Image.Resampling.BICUBIC)), list(KNOBS)
        )
        rng = rng_for("null edits", record.id)
        found += [p_of(start, runner, rng) for _ in range(given.edits)]
        print(f"{record.id}: {len(found)} edits", flush=True)
    values = np.array(found)
    for level in (0.05, 0.1, 0.2):
        print(f"p ≤ {level}: {np.mean(values <= level):.3f} of {len(values)}")


if __name__ == "__main__":
    main()
