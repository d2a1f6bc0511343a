"""Cost against error: how many frames a curve needs, evenly spaced or adaptive.

    PYTHONPATH=. python benchmarks/steps.py [--data FOLDER]

Run the default study first: its models (results/pets/models) predict densely rendered paths of
drawn images, whose scores with few frames are compared with the dense one. With `--data` the
100 captured frames and the checkpoints of the propgrad study are thinned out likewise; their
dense curve trembles, which inflates its own score, so there the reference is named with it.
"""

import argparse
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from zollstock.engines.adaptive import refine
from zollstock.images.geometry import Geometry
from zollstock.inference.outputs import as_probabilities
from zollstock.inference.run import Runner
from zollstock.models.card import Model, load_model
from zollstock.models.convmixer import convmixer
from zollstock.models.normalisation import Normalisation
from zollstock.models.weights import load_into, read_weights
from zollstock.scoring.statistics import evaluate
from zollstock.seeds import seed_for
from zollstock.worlds import get_world

COUNTS = (5, 9, 17, 33, 50)
DENSE = 257
Predict = Callable[[NDArray[np.uint8]], NDArray[np.float64]]


def main() -> None:
    """Print one table per kind of path."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--models", type=Path, default=Path("results/pets/models"))
    options.add_argument("--images", type=int, default=16)
    options.add_argument("--data", type=Path, help="folder of the propgrad study's files")
    given = options.parse_args()
    rendered(given.models, given.images)
    if given.data:
        captured(given.data)


def rendered(folder: Path, images: int) -> None:
    """Compare on drawn images, where a dense path is exact."""
    world = get_world("pets")
    models = {
        file.stem: predictor(load_model(file, file.with_suffix(".json")))
        for file in sorted(folder.glob("*.safetensors"))
    }
    axis = np.linspace(0, 1, DENSE)
    curves: dict[str, list[Curve]] = {"near-monotone": [], "turning": []}
    for latent in ("fur_lightness", "background_brightness"):
        for k in range(images):
            seed = np.array([seed_for("benchmark", k)], dtype=np.uint64)
            latents = world.sample(np.array([k % 2]), seed)

            def draw(values, latent=latent, latents=latents):
                return world.render(world.do(latents, latent, values), masks=False).frames

            frames = draw(axis)
            for predict in models.values():
                dense = predict(frames)
                height = float(np.abs(np.diff(dense)).sum())
                if height < 0.05:
                    continue  # an error relative to next to nothing says nothing
                straight = abs(dense[-1] - dense[0]) / height > 0.9
                curves["near-monotone" if straight else "turning"].append(
                    Curve(axis, dense, draw, predict)
                )
    for kind, found in curves.items():
        table(f"drawn images, {kind} curves", found, DENSE)


def captured(data: Path) -> None:
    """Compare on the captured frames; a frame can be taken only where there is one."""
    files = sorted((data / "frames" / "dog_002_fur_white").glob("*.png"))
    frames = np.stack([np.asarray(Image.open(file).convert("RGB")) for file in files])
    axis = np.linspace(0, 1, len(frames))

    def draw(values):
        return frames[np.round(values * (len(frames) - 1)).astype(int)]

    curves = []
    for file in sorted((data / "checkpoints").glob("*.pth")):
        module = convmixer(256, 8, 7, 5, n_classes=2)
        load_into(module, read_weights(file), file)
        model = Model(
            module.eval(), ("cat", "dog"), Geometry((128, 128), "bilinear"), Normalisation()
        )
        predict = predictor(model)
        curves.append(Curve(axis, predict(frames), draw, predict))
    for curve in curves:
        table(f"captured frames, dense score {evaluate('epgm', curve.dense):.3f}", [curve], 100)


class Curve:
    """A dense curve, and how to take fewer points of it."""

    def __init__(self, axis, dense, draw, predict):
        self.axis, self.dense, self.draw, self.predict = axis, dense, draw, predict

    def errors(self, values: NDArray[np.float64]) -> tuple[float, float]:
        """Return the score's relative error and the largest error of the drawn curve."""
        values = np.unique(values)
        few = self.predict(self.draw(values))
        whole = evaluate("epgm", self.dense)
        worst = np.abs(np.interp(self.axis, values, few) - self.dense).max()
        return abs(evaluate("epgm", few) - whole) / whole, float(worst)

    def adaptive(self, budget: int) -> NDArray[np.float64]:
        """Return where an adaptive path would put its frames."""

        def watch(frames):
            return self.predict(frames)[:, None]

        return refine(self.draw, 0.0, 1.0, budget, 1e-3, watch)[0]


def predictor(model: Model) -> Predict:
    """Return a function from frames to the probability of the last class."""
    runner = Runner(model, device="cpu", batch_size=32)

    def predict(frames):
        logits = runner.logits(model.geometry.apply(frames))
        return as_probabilities(logits)[:, -1].astype(np.float64)

    return predict


def table(title: str, curves: list[Curve], dense: int) -> None:
    """Print medians and worst cases over curves."""
    print(f"{title} ({len(curves)} of {dense} frames)")
    print("  frames   saved   score error: even, adaptive   largest curve error: even, adaptive")
    for count in COUNTS:
        if not curves or count >= dense:
            continue
        even = np.array([curve.errors(np.linspace(0, 1, count)) for curve in curves])
        fitted = np.array([curve.errors(curve.adaptive(count)) for curve in curves])
        (a, b), (c, d) = np.median(even, axis=0), np.median(fitted, axis=0)
        saved = dense / count
        print(
            f"  {count:6d}  {saved:5.1f}x   {100 * a:11.1f} %  {100 * c:7.1f} %"
            f"   {100 * b:19.1f} %  {100 * d:7.1f} %"
        )


if __name__ == "__main__":
    main()
