"""The user's own modules, imported as their files are now.

Python keeps what it has compiled of a module, and goes by the file's time, in seconds, and size. So
another file with the time and size of the old one, as an unpacked or restored one may have, would
not be read, though its content has started the job.
"""

import importlib
import sys
import sysconfig
from importlib.machinery import (
    EXTENSION_SUFFIXES,
    SOURCE_SUFFIXES,
    ExtensionFileLoader,
    FileFinder,
    SourceFileLoader,
)
from pathlib import Path
from types import CodeType, ModuleType

_LIBRARY = Path(__file__).parents[1]
_INSTALLED = {"site-packages", "dist-packages"}


def import_own(name: str) -> ModuleType:
    """Import a module of the user's, from the folder of the run before anywhere else.

    Parameters
    ----------
    name
        With dots, as Python has it.
    """
    here = str(Path.cwd())
    if sys.path[:1] != [here]:
        sys.path.insert(0, here)
    if _finder not in sys.path_hooks:
        sys.path_hooks.insert(0, _finder)
        for folder in filter(_is_own, list(sys.path_importer_cache)):
            del sys.path_importer_cache[folder]
    importlib.invalidate_caches()
    return importlib.import_module(name)


class _AsWritten(SourceFileLoader):
    def get_code(self, fullname: str) -> CodeType:
        """Compile the source, whatever was kept of an earlier one."""
        return self.source_to_code(self.get_data(self.path), self.path)  # type: ignore[return-value]


def _finder(folder: str) -> FileFinder:
    """Return what finds modules in a folder of the user's, for `sys.path_hooks`."""
    if not _is_own(folder):
        raise ImportError("not a folder of the user's")
    return FileFinder(
        folder, (ExtensionFileLoader, EXTENSION_SUFFIXES), (_AsWritten, SOURCE_SUFFIXES)
    )


def _is_own(folder: str) -> bool:
    place = Path(folder)
    ours = place.is_relative_to(_LIBRARY) or place.is_relative_to(sysconfig.get_path("stdlib"))
    return not ours and _INSTALLED.isdisjoint(place.parts) and place.is_dir()
