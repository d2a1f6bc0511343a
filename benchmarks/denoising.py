"""How many denoising steps the small editor needs: frames and scores against a hundred steps.

    PYTHONPATH=. python benchmarks/denoising.py results/pets      # a finished default study

Both properties, the study's images and classifiers, eight values of guidance, one seed. The
sampler that comes with the editor is compared with DDIM, whose first-order steps solve the same
equation.
"""

import argparse
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from zollstock.editors.gate import SWEEPS
from zollstock.engines.diffusion.base import RunOptions
from zollstock.engines.diffusion.instruct_pix2pix import InstructPix2PixEngine
from zollstock.images.table import read_table
from zollstock.inference.run import Runner
from zollstock.ledger.collateral import edge_correlation
from zollstock.models.card import load_model
from zollstock.scoring.statistics import evaluate

DENSE, VALUES = 100, np.linspace(-2.0, 2.0, 9)


def main() -> None:
    """Print a line per sampler and number of steps."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("study", type=Path, help="folder of a finished default study")
    options.add_argument("--threads", type=int, default=1)
    given = options.parse_args()
    torch.set_num_threads(given.threads)
    images = read_table(given.study / "images/images.csv", given.study / "images/pixels")
    cards = sorted((given.study / "models").glob("*.json"))
    models = [load_model(card.with_suffix(".safetensors"), card) for card in cards]
    runners = [Runner(model, device="cpu", batch_size=64) for model in models]
    sources = [image.pixels() for image in images]

    def scores(frames: NDArray[np.uint8]) -> NDArray[np.float64]:
        found = [
            evaluate("epgm", runner.probabilities(path)[:, runner.model.classes.index("dog")])
            for path in frames
            for runner in runners
        ]
        return np.array(found, dtype=np.float64)

    engines = [
        InstructPix2PixEngine(
            checkpoint="pets",
            instruction=there,
            opposite=back,
            stop=2.0,
            steps=len(VALUES),
            denoising_steps=DENSE,
            image_guidance=1.0,
            run=RunOptions(device="cpu"),
        )
        for there, back in SWEEPS.values()
    ]
    shipped = engines[0].pipeline.scheduler

    def make(sampler: str, steps: int) -> NDArray[np.uint8]:
        from diffusers import DDIMScheduler

        # DDIM is not given what is UniPC's alone.
        own = {key: shipped.config[key] for key in DDIM_TOO if key in shipped.config}
        for engine in engines:
            other = DDIMScheduler(**own, clip_sample=False)
            engine.pipeline.scheduler = other if sampler == "DDIM" else shipped
            engine.denoising_steps = steps
        return np.stack(
            [engine.path(image, 7, lambda _: None).frames for engine in engines for image in images]
        )

    dense = make("shipped", DENSE)
    exact = scores(dense)
    print(f"{len(dense)} paths of {len(VALUES)} frames, {len(runners)} classifiers")
    print("sampler  steps  grey levels of 255  score: median, largest  edges at 0, at full edit")
    shorter = [("shipped", steps) for steps in (20, 12, 10, 8)]
    for sampler, steps in [("shipped", DENSE), ("DDIM", 20), ("DDIM", 10), *shorter]:
        frames = dense if steps == DENSE else make(sampler, steps)
        away = np.abs(frames.astype(float) - dense).mean()
        off = np.abs(scores(frames) - exact)
        pairs = zip(frames, sources * len(engines), strict=True)
        edges = np.array([edge_correlation(path, source) for path, source in pairs])
        full = np.minimum(edges[:, 0], edges[:, -1]).mean()
        print(
            f"{sampler:8s} {steps:5d}  {away:18.2f}  {np.median(off):13.4f}, {off.max():.3f}"
            f"  {edges[:, len(VALUES) // 2].mean():14.3f}, {full:.3f}",
            flush=True,
        )


DDIM_TOO = (
    "num_train_timesteps",
    "beta_start",
    "beta_end",
    "beta_schedule",
    "prediction_type",
    "rescale_betas_zero_snr",
    "timestep_spacing",
    "steps_offset",
)

if __name__ == "__main__":
    main()
