"""The kernels, compiled where there is enough to do, once for all copies of them on a machine.

To load numba costs half a second and to compile takes some seconds more, as long as thousands of
series of a usual study take without. So a process starts with the kernels as they stand
(interpreted, or their equals in NumPy) and compiles them when they have cost it as much as that:
it never loses more than about half of its time, whatever it is given. Where numba is not installed
they stay as they stand.

Compiled code is kept in a folder of the user, under a name that is a hash of the kernels' source
and of the versions of numba, NumPy and Python; numba looks at the processor itself. So it is
never stale, and all copies of the library share it.
"""

import hashlib
import importlib.util
import os
import platform
import sys
import tempfile
from functools import cache
from pathlib import Path
from types import FunctionType, ModuleType
from typing import Any

from zollstock.scoring import kernels

COMPILING = 5.0
"""Seconds of work that are worth compiling the kernels."""
LOADING = 1.0
"""Seconds of work that are worth loading them, where they lie compiled."""
_NAME = "zollstock_kernels"
_spent = 0.0


def cache_folder() -> Path | None:
    """Return the folder of the user's caches, or None where there is none."""
    named = os.environ.get("XDG_CACHE_HOME", "")
    if Path(named).is_absolute():  # the specification says to pass over any other
        return Path(named) / "zollstock"
    try:
        return Path.home() / ".cache" / "zollstock"
    except RuntimeError:  # no home
        return None


@cache
def installed() -> bool:
    """Return whether numba is there; the core of the library does without."""
    return importlib.util.find_spec("numba") is not None


@cache
def stored_at() -> Path | None:
    """Return the folder of the compiled kernels, there or not, without loading numba."""
    folder = cache_folder()
    if folder is None:
        return None
    from importlib.metadata import version

    versions = (version("numba"), version("numpy"), platform.python_version())
    parts = (Path(kernels.__file__).read_bytes(), *(name.encode() for name in versions))
    return folder / "kernels" / hashlib.sha256(b"\0".join(parts)).hexdigest()


def worth_compiling(seconds: float) -> bool:
    """Say whether work that takes so long without numba is done with the compiled kernels.

    Work that was done without is added up. Only time depends on the answer, no number does.
    """
    global _spent
    if not installed():
        return False
    folder = stored_at()
    there = folder is not None and any(folder.glob("__pycache__/*.nbi"))
    if _spent + seconds > (LOADING if there else COMPILING):
        return True
    _spent += seconds
    return False


@cache
def compiled() -> Any:  # noqa: ANN401 - a module of functions of the same names
    """Return the kernels compiled; they release the GIL while they run.

    Where nothing can be written they are compiled in every process. IEEE arithmetic is kept: no
    fastmath, so sums are added in the order written.
    """
    import numba

    source = _copy(stored_at())
    module = _load(source or Path(kernels.__file__))
    for name, function in list(vars(module).items()):
        if isinstance(function, FunctionType):
            fast = numba.njit(function, cache=source is not None, error_model="numpy", nogil=True)
            setattr(module, name, fast)
    return module


def _load(source: Path) -> ModuleType:
    """Return the kernels of a file as a module of their own: its functions call each other."""
    spec = importlib.util.spec_from_file_location(_NAME, source)
    if spec is None or spec.loader is None:
        raise ImportError(f"no Python source: {source}")
    module = importlib.util.module_from_spec(spec)
    sys.modules[_NAME] = module  # numba finds functions that call each other by their module's name
    spec.loader.exec_module(module)
    return module


def _copy(folder: Path | None) -> Path | None:
    """Put the kernels' source into the folder and return it; None where that cannot be done.

    numba keeps what it compiles beside the source, and takes it while the source has the same
    date, so every process gives it the same.
    """
    if folder is None:
        return None
    target, wanted = folder / "kernels.py", Path(kernels.__file__).read_bytes()
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        (folder / "__pycache__").mkdir(mode=0o700, exist_ok=True)
        if not os.access(folder / "__pycache__", os.W_OK):
            return None
        if not target.is_file() or target.read_bytes() != wanted:
            handle, name = tempfile.mkstemp(dir=folder)
            with os.fdopen(handle, "wb") as file:
                file.write(wanted)
            os.utime(name, (0, 0))
            Path(name).replace(target)
    except OSError:
        return None
    return target
