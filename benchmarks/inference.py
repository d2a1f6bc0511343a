"""Time the inference engine against the plain float32 loop it replaces.

Run ``python benchmarks/inference.py`` from the repository. Three ConvMixers (input 128×128)
predict 100 frames of 304×308 pixels, end to end from decoded frames in memory. The plain
loop goes through the frames in batches of 10 for each model: tensor, antialiased resize,
[-1, 1], forward pass. Each contestant lives in a process of its own, because the engine
changes how a process keeps freed memory; one works at a time, all in turn within every
repeat, and ratios are taken there, because the speed of a shared machine drifts. What is
printed are medians over the repeats, with the range of the ratios. "In the kernel" is time
that the system spends for the process, above all on handing out pages of memory.

The models and frames are those published with the propgrad study, in `--data`:
``checkpoints/*.pth`` and ``frames/<path>/*.png``. Without them, random ones of that shape
are used; times then mean the same, scores nothing.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
THREADS = "ZOLLSTOCK_BENCHMARK_THREADS"
for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[_name] = os.environ.get(THREADS, "1")

import numpy as np  # noqa: E402 - the thread counts must be set before
import torch  # noqa: E402
from PIL import Image  # noqa: E402

from zollstock.images.geometry import Geometry  # noqa: E402
from zollstock.inference.batching import keep_freed_memory  # noqa: E402
from zollstock.inference.outputs import as_probabilities  # noqa: E402
from zollstock.inference.run import Runner  # noqa: E402
from zollstock.models.card import Model  # noqa: E402
from zollstock.models.convmixer import convmixer  # noqa: E402
from zollstock.models.fitting import load_into  # noqa: E402
from zollstock.models.normalisation import Normalisation  # noqa: E402
from zollstock.models.weights import read_weights  # noqa: E402
from zollstock.scoring.facade import Zollstock  # noqa: E402

SIZE, FRAMES = 128, 100
BATCHES = (2, 4, 8, 10, 16, 32, 64, 100)
GEOMETRY, NORMALISATION = Geometry((SIZE, SIZE), "bilinear", "stretch"), Normalisation()
CONTESTANTS = {
    "plain": "plain loop, float32, batches of 10",
    "plain-kept": "the same, freed memory kept as the engine does",
    "float32": "engine, float32",
    "bfloat16": "engine, bfloat16",
}


def load(data):
    """Return modules by name, frames (uint8, 100 × 308 × 304 × 3), and whether they are real."""
    weights = sorted(data.glob("checkpoints/*.pth"))
    files = sorted(next(iter(sorted(data.glob("frames/*"))), data / "none").glob("*.png"))
    if not weights or not files:
        torch.manual_seed(0)
        frames = np.random.default_rng(0).integers(0, 256, (FRAMES, 308, 304, 3), dtype=np.uint8)
        return {f"random {k}": convmixer().eval() for k in range(3)}, frames, False
    modules = {}
    for path in weights:
        modules[path.stem] = convmixer().eval()
        load_into(modules[path.stem], read_weights(path), path)
    frames = np.stack([np.asarray(Image.open(file).convert("RGB")) for file in files])
    return modules, frames, True


def plain_loop(modules, frames):
    """Return logits (models, frames, classes) as one would write it down first."""
    images, every = [Image.fromarray(frame) for frame in frames], []
    with torch.inference_mode():
        for module in modules.values():
            logits = []
            for first in range(0, len(images), 10):
                arrays = [np.asarray(image) for image in images[first : first + 10]]
                batch = torch.from_numpy(np.stack(arrays)).permute(0, 3, 1, 2).contiguous()
                batch = torch.nn.functional.interpolate(
                    batch.float() / 255, (SIZE, SIZE), mode="bilinear", antialias=True
                )
                logits.append(module(batch * 2 - 1))
            every.append(torch.cat(logits).numpy())
    return np.stack(every)


def engine(modules, frames, precision="float32", batch_size="auto"):
    """Return the logits of the engine and the batch size of each model."""
    resized, every, sizes = GEOMETRY.apply(frames), [], []
    for module in modules.values():
        runner = make_runner(module, precision, batch_size)
        every.append(runner.logits(resized))
        sizes.append(runner.batch_size)
    return np.stack(every), sizes


def make_runner(module, precision, batch_size):
    """Return an engine for a module."""
    model = Model(module, ("cat", "dog"), GEOMETRY, NORMALISATION)
    return Runner(model, device="cpu", precision=precision, batch_size=batch_size)


def seconds(function, *arguments):
    """Return the wall-clock time of one call."""
    start = time.perf_counter()
    function(*arguments)
    return time.perf_counter() - start


def work(contestant, data):
    """Run once for every line on the standard input; print times as JSON."""
    modules, frames, _ = load(data)
    if contestant == "plain-kept":
        keep_freed_memory()
    for _ in sys.stdin:
        kernel = resource.getrusage(resource.RUSAGE_SELF).ru_stime
        start, sizes = time.perf_counter(), []
        if contestant.startswith("plain"):
            plain_loop(modules, frames)
        else:
            _, sizes = engine(modules, frames, contestant)
        taken = time.perf_counter() - start
        usage = resource.getrusage(resource.RUSAGE_SELF)
        print(
            json.dumps([taken, usage.ru_stime - kernel, usage.ru_maxrss / 1024, sizes]), flush=True
        )


def parts(repeats, modules, frames):
    """Print the times of the parts, a frame each."""
    resized = GEOMETRY.apply(frames)
    module = next(iter(modules.values()))

    def a_frame(function, argument):
        taken = [seconds(function, argument) for _ in range(repeats)]
        return np.median(taken) / len(argument) * 1e3

    print(f"\nparts, ms a frame, medians of {repeats}")
    print(f"  resize, once for all models     {a_frame(GEOMETRY.apply, frames):8.3f}")
    print(f"  normalise, in batches of 10     {a_frame(NORMALISATION.apply, resized[:10]):8.3f}")
    kinds = ("float32", "bfloat16")
    layouts = (torch.contiguous_format, torch.channels_last)
    print("  forward pass, channels-last as in the engine, beside it contiguous; freed memory kept")
    print(f"    {'batch':>6}" + "".join(f"{kind:>12}{'contiguous':>12}" for kind in kinds))
    variants = [
        (convmixer().eval(), getattr(torch, kind), layout)
        for kind in kinds
        for layout in reversed(layouts)
    ]
    for variant, dtype, layout in variants:
        variant.load_state_dict(module.state_dict())
        variant.to(dtype).to(memory_format=layout)
    for size in (size for size in BATCHES if size <= len(resized)):
        batch = NORMALISATION.apply(resized[:size])
        taken = {k: [] for k in range(len(variants))}
        with torch.inference_mode():
            for _ in range(1 + repeats):
                for k, (variant, dtype, layout) in enumerate(variants):
                    given = batch.to(dtype).contiguous(memory_format=layout)
                    taken[k].append(seconds(variant, given))
        figures = [np.median(taken[k][1:]) / size * 1e3 for k in taken]
        print(f"    {size:6d}" + "".join(f"{figure:12.2f}" for figure in figures))


def choice(repeats, modules, frames):
    """Print what choosing the batch size costs against knowing it from the start."""
    resized = GEOMETRY.apply(frames)
    module = next(iter(modules.values()))
    print("\nchoosing the batch size, one model and path, against the chosen size known before")
    for precision in ("float32", "bfloat16"):
        auto, known, sizes = [], [], []
        for _ in range(repeats):
            runner = make_runner(module, precision, "auto")
            auto.append(seconds(runner.logits, resized))
            sizes.append(runner.batch_size)
            known.append(seconds(make_runner(module, precision, sizes[-1]).logits, resized))
        auto, known = np.array(auto), np.array(known)
        print(
            f"  {precision:<9} {np.median(auto - known):+7.3f} s of {np.median(auto):.2f} s "
            f"({np.median(auto / known) - 1:+.1%}), chosen: {sizes}"
        )


def scores(modules, frames):
    """Print how far engine and plain loop, and bfloat16 and float32, lie apart."""
    wide, narrow = engine(modules, frames)[0], engine(modules, frames, "bfloat16")[0]
    resized = torch.from_numpy(GEOMETRY.apply(frames)).permute(0, 3, 1, 2).contiguous()
    with torch.inference_mode():
        same = [m(resized.float() / 255 * 2 - 1).numpy() for m in modules.values()]
    p, q = as_probabilities(wide)[..., 0], as_probabilities(narrow)[..., 0]
    loop = as_probabilities(plain_loop(modules, frames))[..., 0]
    print("\nlargest differences")
    print(f"  logits, engine and plain torch on the same pixels  {np.abs(wide - same).max():.1e}")
    print(f"  probability, 8-bit Pillow and float resizing       {np.abs(p - loop).max():.4f}")
    print(f"  probability, bfloat16 and float32                  {np.abs(p - q).max():.4f}")
    score = Zollstock("paper_grad").score
    print("paper_grad over the frames: float32, bfloat16, change; with float resizing")
    for name, one, two, three in zip(modules, score(p), score(q), score(loop), strict=True):
        print(f"  {name:<28}{one:.6f}  {two:.6f}  {two / one - 1:+.3%}  {three:.6f}")


def report(options):
    """Print every figure."""
    torch.set_num_threads(options.threads)
    modules, frames, real = load(options.data)
    if not real:
        print(f"{options.data} holds no checkpoints and frames: random weights and frames")
    environment = {**os.environ, THREADS: str(options.threads)}
    command = [sys.executable, __file__, "--data", str(options.data), "--contestant"]
    workers = {
        name: subprocess.Popen(
            [*command, name],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=environment,
        )
        for name in CONTESTANTS
    }
    found = {name: [] for name in CONTESTANTS}
    for _ in range(1 + options.repeats):  # the first is for warming up
        for name, worker in workers.items():
            worker.stdin.write("\n")
            worker.stdin.flush()
            found[name].append(json.loads(worker.stdout.readline()))
    for worker in workers.values():
        worker.communicate()
    print(
        f"{len(modules)} models, {len(frames)} frames, {options.threads} thread(s), "
        f"medians of {options.repeats} repeats; load of the machine "
        f"{os.getloadavg()[0]:.1f} on {os.cpu_count()} processors"
    )
    predictions = len(modules) * len(frames)
    plain = np.array([run[0] for run in found["plain"][1:]])
    for name, text in CONTESTANTS.items():
        taken, kernel, memory = (np.array([run[k] for run in found[name][1:]]) for k in range(3))
        ratio = plain / taken
        line = f"{np.median(ratio):5.2f} × ({ratio.min():.2f} to {ratio.max():.2f})"
        print(
            f"{text:<50}{np.median(taken):7.2f} s {predictions / np.median(taken):7.1f} frames/s "
            f"{line}; in the kernel {np.median(kernel):.2f} s; peak {memory.max():.0f} MiB"
        )
        if found[name][-1][3]:
            print(f"  batch sizes chosen: {[run[3] for run in found[name][1:]]}")
    keep_freed_memory()
    choice(options.repeats, modules, frames)
    parts(options.repeats, modules, frames)
    scores(modules, frames)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, default=ROOT / "resources/propgrad")
    parser.add_argument("--repeats", type=int, default=7)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--contestant", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.contestant:
        work(options.contestant, options.data)
    else:
        report(options)
