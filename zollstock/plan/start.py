"""What is looked at before anything is planned or run: whose code, which locale, whose results."""

import os
import shlex
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from snakemake.shell import shell

from zollstock.errors import ZollstockError
from zollstock.plan import snakemake_internals
from zollstock.plan.origin import claim
from zollstock.settings import Study, check_writable

_ASK = "import importlib.util as u; spec = u.find_spec('zollstock'); print(spec and spec.origin)"


def use_checkout(workflow: Any, root: Path) -> None:  # noqa: ANN401
    """Let jobs run a checkout's code, in UTF-8, or refuse to go on; say what a locale cannot do.

    Raises
    ------
    ZollstockError
        If jobs would import another zollstock all the same, or its folder's path cannot be told.
    """
    if os.pathsep in str(root):
        raise ZollstockError(
            "the folder of zollstock",
            f"is '{root}'",
            f"a path without '{os.pathsep}', which separates the folders that Python searches",
            "Rename the folder.",
        )
    search_first(root)
    if sys.getfilesystemencoding() != "utf-8":
        # Ids of images, which are names of files, may come from texts.
        os.environ["PYTHONUTF8"] = "1"
    if snakemake_internals.makes_environments(workflow):
        # Snakemake takes PYTHONPATH from these jobs; a user's own packages come before its path.
        shell.prefix(searching_first(root, shell.get_executable()))
    elif workflow.is_main_process:
        check_searched(root)
    if workflow.is_main_process and sys.getfilesystemencoding() != "utf-8":
        _say("this locale is not UTF-8: set PYTHONUTF8=1, or give paths in the config in ASCII")


def check_spelt(names: Iterable[str]) -> None:
    """Check that this locale can spell the names of results, of which Snakemake dies otherwise.

    Raises
    ------
    ZollstockError
        With the first name that it cannot.
    """
    for name in names:
        try:
            os.fsencode(name)
        except UnicodeEncodeError:
            raise ZollstockError(
                "scoring.output",
                f"gives files the name {name!a}, which this locale cannot spell",
                "a locale of UTF-8",
                "Set PYTHONUTF8=1 and run again.",
            ) from None


def check_results(workflow: Any, study: Study, results: Path) -> None:  # noqa: ANN401
    """Refuse to go on where results cannot be written, or are those of another config file.

    Raises
    ------
    ZollstockError
        With the folder or the files.
    """
    files = snakemake_internals.files_to_write(workflow)
    check_writable(files)
    if not study.archive.unpacked and any(Path(file).is_relative_to(results) for file in files):
        claim(study, results, workflow.configfiles)


def say_profile(workflow: Any, root: Path) -> None:  # noqa: ANN401
    """Say that another profile, or `--resources`, has taken the place of ours."""
    if snakemake_internals.lacks_resource(workflow, "gpu_slots"):
        _say(
            f"{root / 'profiles/default'} is not in use: another profile or --resources takes its "
            "place. Copy into yours what you need of it; gpu_slots, above all, keeps jobs from "
            "crowding a GPU."
        )


def search_first(root: Path) -> None:
    """Let every job look for modules in a checkout before anywhere else.

    Snakemake puts it last on a job's path, behind any zollstock that is installed; what stands in
    PYTHONPATH comes before that.
    """
    searched = os.environ.get("PYTHONPATH", "").split(os.pathsep)
    if searched[0] != str(root):
        os.environ["PYTHONPATH"] = os.pathsep.join([str(root), *filter(None, searched)])


def searching_first(root: Path, executable: str | None) -> str:
    """Return what stands before each command of a shell where Snakemake removes PYTHONPATH.

    The name of the shell's program decides what Snakemake itself would put there.
    """
    place = shlex.quote(str(root)).replace("{", "{{").replace("}", "}}")
    strict = "set -euo pipefail; " if Path(executable or "").name == "bash" else ""
    return f"{strict}export PYTHONPATH={place}; "


def check_searched(root: Path) -> None:
    """Refuse to go on where jobs would import another zollstock all the same.

    A `.pth` file of the interpreter may put one before PYTHONPATH, or import it right away.

    Raises
    ------
    ZollstockError
        With the place of the other one.
    """
    asked = subprocess.run([sys.executable, "-P", "-c", _ASK], capture_output=True)
    found = os.fsdecode(asked.stdout).strip()
    # A folder of a checkout may be a link.
    if not asked.returncode and Path(found).resolve().parent != (root / "zollstock").resolve():
        raise ZollstockError(
            found or "zollstock",
            f"is what jobs would import instead of {root / 'zollstock'}",
            "the checkout that is run",
            f"Uninstall it, or remove the .pth file that puts it first, from {sys.prefix}.",
        )


def _say(line: str) -> None:
    print(f"zollstock: {line}", file=sys.stderr)
