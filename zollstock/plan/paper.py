"""The studies of the paper that need no download, one after the other.

    snakemake paper
    python -m zollstock.plan.paper --only lesions clip-twin
    python -m zollstock.plan.paper --dry-run

Snakemake reads one config a run. So each study is a run of its own, with its own lock, record and
exact reruns, in the folder that this one runs in: two runs may share a folder as long as neither
writes what the other reads or writes, and the rule `paper` writes nothing.
"""

import argparse
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from zollstock.wording import counted

ROOT = Path(__file__).resolve().parents[2]

STUDIES: Mapping[str, str] = {
    "pets": "config/config.yaml",
    "lesions": "config/studies/lesions.yaml",
    "flips": "config/studies/flips.yaml",
    "flips-lesions": "config/studies/flips-lesions.yaml",
    "dynamics": "config/studies/dynamics.yaml",
    "clip-twin": "config/studies/clip-twin.yaml",
}
"""What a study is called here → its config, below the folder of the Snakefile."""


def run_paper(
    only: Sequence[str] = (),
    arguments: Sequence[str] = (),
    root: Path = ROOT,
    python: str = sys.executable,
) -> dict[str, str]:
    """Run studies of the paper; one that fails does not stop those after it.

    Parameters
    ----------
    only
        Names of studies; all by default.
    arguments
        Further ones of every Snakemake: ``--cores``, ``--dry-run`` …
    root
        The folder of the Snakefile.
    python
        Where Snakemake is installed.

    Returns
    -------
    dict
        Study → what came of it: ``done``, ``failed``, or ``missing`` where its config is not there.
    """
    found = {}
    for name, config in STUDIES.items():
        if only and name not in only:
            continue
        file = root / config
        if not file.is_file():
            _say(f"{name}: {file}: is missing; expected the config of this study. Get it back.")
            found[name] = "missing"
            continue
        _say(f"{name}: {config}")
        start = time.monotonic()
        # No shell: names of folders may hold anything. Targets would be taken for configs.
        command = [python, "-m", "snakemake", "--snakefile", str(root / "Snakefile")]
        code = subprocess.run([*command, *arguments, "--configfile", str(file)]).returncode
        found[name] = "failed" if code else "done"
        _say(f"{name}: {found[name]} after {(time.monotonic() - start) / 60:.1f} minutes")
    return found


def main(words: Sequence[str] | None = None) -> int:
    """Run what the command line asks for; 1 if a study failed or is missing."""
    parser = argparse.ArgumentParser(prog="python -m zollstock.plan.paper", description=__doc__)
    parser.add_argument("--only", nargs="+", choices=STUDIES, default=[], help="these studies")
    given, arguments = parser.parse_known_args(words)
    found = run_paper(given.only, arguments)
    bad = [f"{name} ({what})" for name, what in found.items() if what != "done"]
    if bad:
        _say(f"{counted(len(bad), 'study', 'studies')} of {len(found)} not done: {', '.join(bad)}")
    return int(bool(bad))


def _say(line: str) -> None:
    print(f"paper: {line}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
