"""All work that needs a GPU, in one command of at most nine minutes.

    PYTHONPATH=. python benchmarks/gpu.py --out gpu-report              # on a machine with a GPU
    PYTHONPATH=. python benchmarks/gpu.py --out gpu-report --rehearse   # tiny sizes, any machine

Each part is a process with a time limit of its own. After each, report.json and report.md in the
output folder are written anew, so that a run which is cut off loses nothing that was finished; a
part that ran out of time leaves what it had printed by then. Nothing is downloaded.
"""

import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
PYTHON = sys.executable
SILENT = {
    "HF_HUB_OFFLINE": "1",
    "HF_HUB_DISABLE_PROGRESS_BARS": "1",
    "TRANSFORMERS_VERBOSITY": "error",
    "DIFFUSERS_VERBOSITY": "error",
}


@dataclass(frozen=True)
class Part:
    """A command with a time limit, and where it leaves figures (a JSON object a line)."""

    name: str
    command: list[str]
    seconds: float
    figures: Path | None = None
    place: Path | None = None


def sweep(out: Path, name: str, seconds: float, rehearse: bool, *options: str) -> Part:
    """Return a part that times the guidance sweep with some options of the engine."""
    figures = out / f"sweep-{name}.jsonl"
    size = ["--sd15", "--checkpoint", str(out / "sd15"), "--plain-frames", "3", "--rounds", "2"]
    if rehearse:
        size = ["--frames", "3", "--denoising-steps", "2", "--rounds", "1", "--plain-frames", "1"]
    command = [PYTHON, str(ROOT / "benchmarks/editing.py"), *size, *options]
    command += ["--json", str(figures), "--profile", str(out / f"sweep-{name}.profile.txt")]
    return Part(f"sweep, {name}", command, seconds, figures)


def parts(out: Path, work: Path, rehearse: bool, cores: int) -> list[Part]:
    """Return the parts in their order: what is asked most urgently comes first."""
    snakemake = [PYTHON, "-m", "snakemake", "--snakefile", str(ROOT / "Snakefile")]
    snakemake += ["--cores", str(cores), "--configfile", str(ROOT / "config/config.yaml")]
    fast = ["--fuse-projections", "--tune-kernels"]
    found = [
        sweep(out, "as shipped", 75, rehearse),
        sweep(out, "fused and tuned", 45, rehearse, *fast),
    ]
    modes = [] if rehearse else ["default", "reduce-overhead"]
    found += [
        sweep(out, f"compiled, {mode}", 90, rehearse, "--compile", mode, *fast) for mode in modes
    ]
    found.append(
        Part(
            "study",
            [*snakemake, *(["--until", "select_images"] if rehearse else [])],
            100,
            place=work,
        )
    )
    training = out / "training.jsonl"
    found.append(
        Part(
            "training",
            [PYTHON, str(ROOT / "benchmarks/train_on_gpu.py"), "--folder", str(out / "editor")]
            + ["--figures", str(training), "--seconds", "5" if rehearse else "110"]
            + ["--processes", str(2 if rehearse else max(1, cores - 2))]
            + ["--models", str(work / "results/pets/models")]
            + (["--rehearse"] if rehearse else []),
            150,
            training,
        )
    )
    repeats = ["--repeats", "1"] if rehearse else []
    inference = [PYTHON, str(ROOT / "benchmarks/inference.py"), *repeats]
    tests = ["tests/unit/test_devices.py"]
    if not rehearse:
        found.append(Part("inference", inference, 60))
        tests += ["tests/unit/inference", "tests/unit/engines/diffusion", "tests/unit/editors"]
    found.append(
        Part("tests", [PYTHON, "-m", "pytest", "-q", "-n", str(cores), *tests], 70, place=ROOT)
    )
    return found


def run(part: Part, seconds: float, log: Path) -> dict[str, Any]:
    """Run a part for at most so many seconds; return what became of it."""
    start = time.perf_counter()
    places = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
    with log.open("w") as file:
        process = subprocess.Popen(
            part.command,
            stdout=file,
            stderr=subprocess.STDOUT,
            cwd=part.place or ROOT,
            env=os.environ | SILENT | {"PYTHONPATH": places},
            start_new_session=True,
        )
        try:
            ended = str(process.wait(seconds))
        except subprocess.TimeoutExpired:
            ended = "out of time"
            # With all that it started.
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
    figures = []
    if part.figures and part.figures.is_file():
        figures = [json.loads(line) for line in part.figures.read_text().splitlines()]
    return {
        "part": part.name,
        "exit": ended,
        "seconds": round(time.perf_counter() - start, 1),
        "figures": figures,
        "last_lines": log.read_text(errors="replace").splitlines()[-25:],
    }


def write_report(out: Path, found: list[dict[str, Any]]) -> None:
    """Write both forms of the report, each at once."""
    texts = ["# Work on a GPU", ""]
    for entry in found:
        texts += [f"## {entry['part']}", ""]
        texts += [f"Exit {entry['exit']} after {entry['seconds']} s.", ""]
        texts += [f"- `{json.dumps(figures)}`" for figures in entry["figures"]]
        texts += ["", "```", *entry["last_lines"], "```", ""]
    for name, text in {
        "report.json": json.dumps(found, indent=1),
        "report.md": "\n".join(texts),
    }.items():
        unfinished = out / f".{name}"
        unfinished.write_text(text)
        unfinished.replace(out / name)


def main(clock: Callable[[], float] = time.monotonic) -> None:
    """Run all parts within the time given."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--out", type=Path, default=Path("gpu-report"))
    options.add_argument("--minutes", type=float, default=8.8)
    options.add_argument("--rehearse", action="store_true", help="tiny sizes, any machine")
    options.add_argument("--only", nargs="+", default=[], help="parts whose names begin so")
    given = options.parse_args()
    end = clock() + 60 * given.minutes
    out = given.out.resolve()
    out.mkdir(parents=True, exist_ok=True)
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    found: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory() as work:
        for number, part in enumerate(parts(out, Path(work), given.rehearse, cores or 1)):
            if given.only and not part.name.startswith(tuple(given.only)):
                continue
            left = end - clock()
            if left < 5:
                found.append(
                    {"part": part.name, "exit": "not begun: no time was left", "seconds": 0}
                    | {"figures": [], "last_lines": []}
                )
            else:
                found.append(run(part, min(left, part.seconds), out / f"{number}.log"))
            print(f"{part.name}: {found[-1]['exit']}, {found[-1]['seconds']} s", flush=True)
            write_report(out, found)


if __name__ == "__main__":
    main()
