"""A conda channel in a folder, with two small packages: this Python, and its pip.

The package `python` is a link to the interpreter that builds the channel, laid out as a virtual
environment, so that `sys.prefix` is the folder it is installed in. `pip` is a copy of the pip
beside that interpreter. Both are found, solved for and installed by rattler like any package.
"""

import importlib.metadata
import io
import json
import platform
import sys
import tarfile
from hashlib import sha256
from pathlib import Path

SITE = "lib/python{}.{}/site-packages".format(*sys.version_info)


def build_channel(folder: Path) -> None:
    """Fill `folder` with the packages and their index."""
    subdir = folder / "noarch"
    subdir.mkdir(parents=True)
    interpreter = Path(sys._base_executable).resolve()
    config = f"home = {interpreter.parent}\ninclude-system-site-packages = false\n"
    python = _package(
        subdir,
        "python",
        platform.python_version(),
        files={"pyvenv.cfg": config.encode()},
        links={f"bin/{name}": interpreter for name in ("python", "python3")},
    )
    pip = importlib.metadata.distribution("pip")
    files = {
        f"{SITE}/{file}": Path(file.locate()).read_bytes()
        for file in pip.files or []
        if ".." not in file.parts and file.suffix != ".pyc"
    }
    packages = python | _package(subdir, "pip", pip.version, files=files, depends=["python"])
    index = {"info": {"subdir": "noarch"}, "packages": packages, "repodata_version": 1}
    (subdir / "repodata.json").write_text(json.dumps(index))


def _package(
    folder: Path,
    name: str,
    version: str,
    *,
    files: dict[str, bytes],
    links: dict[str, Path] | None = None,
    depends: list[str] | None = None,
) -> dict[str, dict[str, object]]:
    """Write a package; return its entry in the channel's index."""
    links = links or {}
    record: dict[str, object] = {
        "name": name,
        "version": version,
        "build": "0",
        "build_number": 0,
        "depends": depends or [],
        "noarch": "generic",
        "subdir": "noarch",
        "timestamp": 1_700_000_000_000,
    }
    paths = [
        {
            "_path": path,
            "path_type": "hardlink",
            "sha256": sha256(content).hexdigest(),
            "size_in_bytes": len(content),
        }
        for path, content in files.items()
    ]
    paths += [{"_path": path, "path_type": "softlink"} for path in links]
    metadata = {"index.json": record, "paths.json": {"paths": paths, "paths_version": 1}}
    contents = {f"info/{file}": json.dumps(data).encode() for file, data in metadata.items()}
    package = folder / f"{name}-{version}-0.tar.bz2"
    with tarfile.open(package, "w:bz2") as archive:
        for path, content in (contents | files).items():
            entry = tarfile.TarInfo(path)
            entry.size, entry.mode = len(content), 0o644
            archive.addfile(entry, io.BytesIO(content))
        for path, target in links.items():
            entry = tarfile.TarInfo(path)
            entry.type, entry.linkname = tarfile.SYMTYPE, str(target)
            archive.addfile(entry)
    content = package.read_bytes()
    return {
        package.name: record | {"sha256": sha256(content).hexdigest(), "size": len(content)},
    }
