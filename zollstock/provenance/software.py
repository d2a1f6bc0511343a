"""Which program made results: versions, the state of its checkout, its files."""

import importlib.metadata
import platform
import re
import subprocess
from collections.abc import Iterable, Iterator
from pathlib import Path

CODE = ["Snakefile", "LICENSE", "CITATION.cff", "pyproject.toml", "requirements.lock"]
_FOLDERS = ["rules", "workflow", "zollstock", "envs", "profiles"]
_NO_CODE = {".pyc", ".nbi", ".nbc"}  # made when the code runs


def git_state(root: Path) -> dict[str, str | bool] | None:
    """Return the commit of a checkout and whether files differ from it (``dirty``).

    New files that git does not ignore count as differing.

    Returns
    -------
    dict or None
        None outside a repository, or without git.
    """
    commit = _git(root, "rev-parse", "HEAD")
    # A copy inside a repository of something else has no commit of its own.
    if not commit or not _git(root, "ls-files", "Snakefile"):
        return None
    return {"commit": commit, "dirty": bool(_git(root, "status", "--porcelain", "--", "."))}


def _git(root: Path, *words: str) -> str:
    command = ["git", "--no-optional-locks", "-C", str(root), *words]
    try:
        done = subprocess.run(command, capture_output=True, encoding="utf-8", check=False)
    except OSError:
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""


def code_files(root: Path) -> Iterator[Path]:
    """Yield the files that are the workflow and its library, in a fixed order.

    What editors' gates found is among them, since it is drawn; their weights are not.
    """
    yield from (root / name for name in CODE if (root / name).is_file())
    for folder in _FOLDERS:
        for file in sorted((root / folder).rglob("*")):
            if file.is_file() and file.suffix not in _NO_CODE and "__pycache__" not in file.parts:
                yield file
    for name in ("editor.json", "gate.json"):
        yield from sorted((root / "resources" / "editors").glob(f"*/{name}"))


def versions(packages: Iterable[str], environments: Path | None = None) -> dict[str, str]:
    """Return distribution → version.

    Parameters
    ----------
    packages
        Names of distributions.
    environments
        The folder of environment files, where every rule ran in one of its own; their pins
        are the versions then. Without it, what this Python has installed.
    """
    pinned: dict[str, str] = {}
    if environments is not None:
        for file in sorted(environments.glob("*.yaml")):
            pinned |= dict(
                re.findall(
                    r"^ +- ([\w.-]+)==(\S+)$", file.read_text(encoding="utf-8"), re.MULTILINE
                )
            )
    found = {}
    for name in sorted(packages, key=str.lower):
        try:
            known = pinned.get(name.lower()) or importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
        found[name] = known
    return found


def interpreter() -> dict[str, str]:
    """Return the version of Python, the operating system and the kind of processor."""
    return {
        "python": platform.python_version(),
        "system": platform.system(),
        "processor": platform.machine(),
    }
