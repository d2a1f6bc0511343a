"""Time perturbation attributions against the bare forward passes, and against a plain loop.

Run ``python benchmarks/locate.py`` from the repository: a minute on one thread. RISE with
7×7 cells, bilinear and shifted, and N = 256 samples of a picture of 224×224 pixels:

- a network of the size of ResNet-18 (1.8 GFLOP a picture), whole runs beside its bare forward
  passes on pictures that are in memory, in batches of the same size, in turn; what is wanted is at
  most 1.15 ×;
- a model that costs nothing, so that what is left is the host's work, beside a plain loop in
  NumPy that makes one mask and one perturbed picture at a time; what is wanted is a tenth.

Medians of the ratios within each repeat are printed, with their range, since the speed of a
shared machine drifts. ``--device cuda`` runs the first part there, with N = 4000. Memory is the
largest that the process held, for N and for 8 N samples.
"""

import argparse
import os
import resource
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_name, "1")

import numpy as np  # noqa: E402 - the thread counts must be set before
import torch  # noqa: E402
from torch import nn  # noqa: E402

from zollstock.inference.batching import keep_freed_memory  # noqa: E402
from zollstock.locate.classifier import Classifier  # noqa: E402
from zollstock.locate.perturbation import perturb  # noqa: E402
from zollstock.seeds import rng_for  # noqa: E402
from zollstock.settings.locate.perturbation import RiseMethod  # noqa: E402

SIDE, CELLS, BATCH, CLASSES = 224, 7, 32, 10


class Block(nn.Module):
    """Two convolutions beside a way around them."""

    def __init__(self, channels, out, stride):
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv2d(channels, out, 3, stride, 1),
            nn.ReLU(),
            nn.Conv2d(out, out, 3, 1, 1),
        )
        self.around = nn.Conv2d(channels, out, 1, stride)

    def forward(self, x):
        """Return the activations."""
        return torch.relu(self.body(x) + self.around(x))


def network():
    """Return an untrained network of the size of ResNet-18."""
    torch.manual_seed(0)
    blocks, channels = [], 64
    for out, stride in (
        (64, 1),
        (64, 1),
        (128, 2),
        (128, 1),
        (256, 2),
        (256, 1),
        (512, 2),
        (512, 1),
    ):
        blocks.append(Block(channels, out, stride))
        channels = out
    head = [nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(512, CLASSES), nn.Softmax(1)]
    stem = [nn.Conv2d(3, 64, 7, 2, 3), nn.ReLU(), nn.MaxPool2d(3, 2, 1)]
    return nn.Sequential(*stem, *blocks, *head).eval()


def settings(number):
    """Return RISE's settings, and those of its attributer."""
    plain = RiseMethod(samples={"random": 0.5, "number": number}).plain()
    return plain, {"rise": plain.pop("attribute")}


def run(image, classifier, number):
    """Attribute as a job does."""
    return perturb(image, classifier, *settings(number), rng_for("benchmark"), batch_size=BATCH)


def prepare(pictures):
    """Normalise as models do."""
    return (pictures - 127.5) / 127.5


def plain_loop(image, number, forward):
    """RISE as one would write it down first, a sample at a time."""
    rng = np.random.default_rng(0)
    x = (image / 255 - 0.5) / 0.5
    fill = x.mean((0, 1))
    cell = SIDE // CELLS
    place = np.clip((np.arange(SIDE + cell) + 0.5) * CELLS / (SIDE + cell) - 0.5, 0, CELLS - 1)
    above, below = np.zeros((CLASSES, SIDE, SIDE)), np.zeros((SIDE, SIDE))
    low = np.minimum(place.astype(int), CELLS - 2)
    part = place - low
    for _ in range(number):
        z = (rng.random((CELLS, CELLS)) < 0.5).astype(float)
        rows = z[low] * (1 - part)[:, None] + z[low + 1] * part[:, None]
        large = rows[:, low] * (1 - part) + rows[:, low + 1] * part
        top, left = rng.integers(0, cell, 2)
        mask = large[top : top + SIDE, left : left + SIDE]
        picture = mask[..., None] * x + (1 - mask[..., None]) * fill
        batch = torch.from_numpy(picture.astype(np.float32)).permute(2, 0, 1)[None]
        y = forward(batch)[0].numpy()
        above += y[:, None, None] * mask
        below += mask
    return above / below


def nothing(batch):
    """Return outputs without work."""
    return torch.full((len(batch), CLASSES), 0.1, device=batch.device)


def seconds(function, *arguments):
    """Return the wall-clock time of one call."""
    start = time.perf_counter()
    function(*arguments)
    if torch.cuda.is_available():
        torch.cuda.synchronize()
    return time.perf_counter() - start


def bare(module, batches):
    """Run the forward passes alone."""
    with torch.inference_mode():
        for batch in batches:
            module(batch)


def compared(one, other):
    """Return words of the ratio of two lists of times."""
    ratio = np.array(one) / np.array(other)
    return f"{np.median(ratio):.3f} × ({ratio.min():.3f} to {ratio.max():.3f})"


def report(options):
    """Print every figure."""
    torch.set_num_threads(1)
    keep_freed_memory()
    device = torch.device(options.device)
    number = options.number or (4000 if device.type == "cuda" else 256)
    image = np.random.default_rng(0).integers(0, 256, (SIDE, SIDE, 3), dtype=np.uint8)
    null = Classifier(nothing, prepare)
    print(
        f"RISE, {CELLS}×{CELLS} cells, {SIDE}×{SIDE} pixels, batches of {BATCH}; one thread, load "
        f"{os.getloadavg()[0]:.1f} on {os.cpu_count()} processors"
    )
    run(image, null, 64)
    hosts, loops = [], []
    for _ in range(options.repeats):
        hosts.append(seconds(run, image, null, 256))
        loops.append(seconds(plain_loop, image, 256, nothing))
    print(
        f"no model, N = 256: {np.median(hosts):.3f} s; a plain NumPy loop "
        f"{np.median(loops):.3f} s, {compared(loops, hosts)}"
    )
    held = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    run(image, null, 2048)
    more = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"largest memory: {held:.0f} MiB, with 8 N samples {more:.0f} MiB")

    module = network().to(device)
    classifier = Classifier(module, prepare, device)
    batches = [torch.randn(BATCH, 3, SIDE, SIDE, device=device)] * (number // BATCH)
    run(image, classifier, BATCH)
    wholes, alone = [], []
    for _ in range(options.repeats):
        alone.append(seconds(bare, module, batches))
        wholes.append(seconds(run, image, classifier, number))
    print(
        f"ResNet-18's size on {device}, N = {number}: {np.median(wholes):.2f} s; bare forward "
        f"passes {np.median(alone):.2f} s, {compared(wholes, alone)}"
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--number", type=int, help="samples of the first part")
    parser.add_argument("--repeats", type=int, default=3)
    report(parser.parse_args())
