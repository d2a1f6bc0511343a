"""How the workflow grows with the number of images: planning, time and memory of jobs.

Run ``python benchmarks/scale.py`` from the repository, or name the part that is wanted, ``plan``
or ``jobs``. One thread. Every plan and every job is a process of its own, whose time (of the
processor) and largest memory are read when it has ended.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS"):
    os.environ[_name] = "1"
ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import numpy as np  # noqa: E402 - the thread counts must be set before

STEPS, CLASSES, PLACEBOS = 32, 1000, 19
PARTS = ("plan", "jobs")


# --- planning -----------------------------------------------------------------


def study(images, source):
    """Return a study of three properties and three models.

    Images are drawn (``renderer``) or files (``folder``), in ``series`` with a captured series
    of frames for each property.
    """
    if source == "renderer":
        selection = {"source": "renderer", "n_per_class": images // 2}
        model = {"trained_on": "unbiased"}
    else:
        selection, model = {"source": "folder", "path": "images"}, {"family": "own:build"}
    latents = ("fur_lightness", "background_brightness", "noise_angle")
    return {
        "study": "scale",
        "images": selection,
        "properties": {
            f"p{n}": {"engine": "rendered", "latent": latent}
            if source == "renderer"
            else {"engine": "frames", "path": f"series/{n}/{{image}}"}
            for n, latent in enumerate(latents)
        },
        "models": {name: model for name in ("one", "two", "three")},
        "inference": {"device": "cpu"},
    }


def plan(images, source):
    """Print seconds, memory and jobs of a dry run before anything has been made.

    Seconds come twice: with files that have never been read for their checksums, and again.
    """
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        (place / "study.json").write_text(json.dumps(study(images, source)))
        (place / "own.py").write_text("def build(): ...\n")
        for n in range(images if source != "renderer" else 0):
            files = [place / "images" / ("cat", "dog")[n % 2] / f"{n}.png"]
            if source == "series":
                files += [
                    place / f"series/{k}/{n}/{step}.png" for k in range(3) for step in range(STEPS)
                ]
            for file in files:
                file.parent.mkdir(parents=True, exist_ok=True)
                file.touch()
        command = [
            *(sys.executable, "-m", "snakemake", "--snakefile", str(ROOT / "Snakefile")),
            *("--directory", folder, "--dry-run", "--quiet", "rules", "--cores", "1"),
            *("--configfile", str(place / "study.json")),
        ]
        time.sleep(2.1)  # checksums of files that have just been written are not kept
        taken, before = [], 0.0
        for _ in range(2):
            start = time.perf_counter()
            done = subprocess.run(command, capture_output=True, text=True)
            used = resource.getrusage(resource.RUSAGE_CHILDREN)
            seconds = used.ru_utime + used.ru_stime
            taken += [time.perf_counter() - start, seconds - before]
            before = seconds
    if done.returncode:
        sys.exit(done.stdout + done.stderr)
    text = done.stdout + done.stderr
    jobs = next(line.split()[1] for line in text.splitlines() if line.startswith("total"))
    columns = " ".join(f"{seconds:7.1f}" for seconds in taken)
    print(f"{source:9} {images:7} {jobs:>6} {columns} {used.ru_maxrss / 1024:7.0f}")


# --- jobs ---------------------------------------------------------------------


def made_up(images, steps, classes):
    """Return predictions that no model made; images is a list of names."""
    from zollstock.inference.predictions import Predictions

    rng = np.random.default_rng(0)
    shape = (len(images), steps + 1, classes)
    logits = rng.standard_normal(shape, dtype=np.float32)
    probabilities = np.full(shape, 1 / classes, np.float32)
    probabilities[..., 0] = rng.random(shape[:2], dtype=np.float32)
    axis = np.tile(np.linspace(0, 1, steps), (len(images), 1))
    names = tuple(f"class {n}" for n in range(classes))
    return Predictions(
        images,
        names,
        axis,
        *(logits[:, :-1], probabilities[:, :-1], logits[:, -1], probabilities[:, -1]),
    )


def keep(folder, names, steps, classes, draws=(0,)):
    """Write predictions that no model made, in another process: its memory must not count."""
    from zollstock.inference.predictions import write_predictions

    if os.fork() == 0:
        paths = [(name, draw) for name in names for draw in draws]
        blocks = (paths[n : n + 50] for n in range(0, len(paths), 50))
        parts = (
            replace(
                made_up([name for name, _ in block], steps, classes),
                draws=[draw for _, draw in block],
            )
            for block in blocks
        )
        write_predictions(parts, folder, len(paths))
        os._exit(0)
    os.wait()


def job_intervene(count, folder, classes):
    """Draw paths and write them to a store."""
    from zollstock.engines import make_engine
    from zollstock.engines.produce import produce_paths
    from zollstock.images.table import ImageRecord
    from zollstock.store import PathStore, plan_store
    from zollstock.worlds import get_world

    settings = {"engine": "rendered", "world": "pets", "size": 64, "latent": "fur_lightness"}
    settings |= {"start": 0.0, "stop": 1.0, "steps": STEPS}
    engine = make_engine("rendered", {k: v for k, v in settings.items() if k != "engine"})
    labels = np.arange(count) % 2
    drawn = get_world("pets").sample(labels, np.arange(count, dtype=np.uint64))
    images = [
        ImageRecord(str(n), "cat", "", "", folder, {k: float(v[n]) for k, v in drawn.items()})
        for n in range(count)
    ]
    rows = plan_store(folder / "paths.zarr", engine.shape(images), [i.id for i in images])
    store = PathStore(folder / "paths.zarr", writable=True)
    yield
    produce_paths(engine, settings, images, store, rows, seed=1, frames_done=lambda number: None)


def job_infer(count, folder, classes):
    """Run a model of many classes on frames that come one path at a time, and keep the result."""
    import torch

    from zollstock.images.geometry import Geometry
    from zollstock.inference.predictions import write_predictions
    from zollstock.inference.run import Runner
    from zollstock.models.card import Model
    from zollstock.models.normalisation import Normalisation
    from zollstock.paths import PathInput

    module = torch.nn.Sequential(
        torch.nn.AdaptiveAvgPool2d(4), torch.nn.Flatten(), torch.nn.Linear(48, classes)
    )
    names = tuple(map(str, range(classes)))
    runner = Runner(
        Model(module, names, Geometry(None, "bilinear", "stretch"), Normalisation()),
        device="cpu",
        batch_size=STEPS + 1,
    )
    frames = np.random.default_rng(0).integers(0, 256, (STEPS + 1, 64, 64, 3), dtype=np.uint8)
    runner.logits(frames)
    yield
    axis = np.linspace(0, 1, STEPS)
    inputs = (PathInput(str(n), frames, axis) for n in range(count))
    write_predictions(runner.predict(inputs), folder / "predictions.zarr", count)


def job_score(count, folder, classes):
    """Score one property of a model of many classes, with two statistics."""
    import pandas as pd

    from zollstock.inference.predictions import iterate_predictions
    from zollstock.scoring.table import score_predictions

    options = {"statistics": ["epgm", "paper_grad"], "output": 0, "permutations": 1000, "seed": 0}
    few = made_up(["0", "1"], STEPS, 2)
    score_predictions(few, labels={"0": "", "1": ""}, **options)
    names = [str(n) for n in range(count)]
    keep(folder / "predictions.zarr", names, STEPS, classes)
    yield
    labels = dict.fromkeys(names, "")
    parts = iterate_predictions(folder / "predictions.zarr")
    pd.concat([score_predictions(part, labels=labels, **options) for part in parts])


def job_compare(count, folder, classes):
    """Compare the edits of a model of many classes with their placebos."""
    from zollstock.inference.predictions import iterate_predictions
    from zollstock.profiles import profile_of
    from zollstock.scoring.follow import follow
    from zollstock.significance.comparison import compare_with_placebos
    from zollstock.significance.targets import followed_of

    names = [str(n) for n in range(count)]
    draws = range(1, PLACEBOS + 1)
    keep(folder / "edits.zarr", names, STEPS, classes)
    keep(folder / "placebos.zarr", names, 3, classes, draws)
    yield
    edits = follow(iterate_predictions(folder / "edits.zarr"), 0)
    placebos = follow(iterate_predictions(folder / "placebos.zarr"), 0, followed_of(edits))
    compare_with_placebos(
        edits,
        placebos,
        profiles=dict.fromkeys(names, profile_of([0.0, 0.1, 0.2], 3)),
        changes={(name, k): np.array([0.0, 0.1, 0.2]) for name in names for k in draws},
        labels=dict.fromkeys(names, ""),
        **{"statistic": "range", "steps": 3, "tolerance": 0.2},
        **{"number": PLACEBOS, "stop_after": None},
    )


JOBS = {
    "intervene": (job_intervene, (20, 200)),
    "infer": (job_infer, (300, 3000)),
    "score": (job_score, (300, 3000)),
    "compare_placebos": (job_compare, (300, 3000)),
}


def task(name, count, classes):
    """Print the seconds and bytes that the work of a job adds to those of its preparation."""
    with tempfile.TemporaryDirectory() as folder:
        steps = JOBS[name][0](count, Path(folder), classes)
        next(steps)
        before, start = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.process_time()
        next(steps, None)
        taken = time.process_time() - start
        after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(json.dumps([taken, (after - before) * 1024]))


def jobs(classes):
    """Print how time and memory of the jobs grow with the number of images."""
    print(
        f"\nJobs of {STEPS} steps, {classes} classes, {PLACEBOS} placebos: "
        "seconds per image, memory above the start"
    )
    for name, (_, counts) in JOBS.items():
        found = []
        for count in counts:
            command = [sys.executable, __file__, "--task", name, str(count), str(classes)]
            done = subprocess.run(command, capture_output=True, text=True, check=True)
            found.append(json.loads(done.stdout))
        (few_s, few), (many_s, many) = found
        growth = (many - few) / (counts[1] - counts[0])
        print(
            f"  {name:16} {counts[0]:5} images {few_s / counts[0]:9.4f} s {few / 2**20:7.0f} MiB"
            f" | {counts[1]:5} images {many_s / counts[1]:9.4f} s {many / 2**20:7.0f} MiB"
            f" | {growth / 1000:8.1f} kB an image"
        )


def main():
    """Print what was asked for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("parts", nargs="*", default=PARTS, metavar="PART", help=", ".join(PARTS))
    parser.add_argument("--task", nargs="+", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.task and options.task[0].startswith("plan-"):
        return plan(int(options.task[1]), options.task[0].removeprefix("plan-"))
    if options.task:
        return task(options.task[0], *map(int, options.task[1:]))
    if "plan" in options.parts:
        print("source     images   jobs   clock proc. s   again proc. s    MiB", flush=True)
        cases = [("renderer", n) for n in (10, 1000, 10_000)]
        for source, images in [*cases, ("folder", 10_000), ("series", 100), ("series", 1000)]:
            command = [sys.executable, __file__, "--task", f"plan-{source}", str(images)]
            subprocess.run(command, check=True)
    if "jobs" in options.parts:
        for classes in (CLASSES, 2):
            jobs(classes)


if __name__ == "__main__":
    main()
