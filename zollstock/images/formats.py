"""What a file is that Pillow cannot read, and what reads it."""

from functools import cache
from importlib import import_module
from pathlib import Path

_CAMERA_RAW = {".arw", ".cr2", ".cr3", ".dng", ".nef", ".orf", ".raf", ".rw2"}
_BRANDS_OF_HEIF = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"}
# Package → module that enters its reader when it is imported, or the function that does.
_PLUGINS = {
    "pillow-heif": ("pillow_heif", "register_heif_opener"),
    "pillow-avif-plugin": ("pillow_avif", ""),
    "pillow-jxl-plugin": ("pillow_jxl", ""),
}


def reader_of(file: Path) -> tuple[str, str] | None:
    """Return what a file is that Pillow cannot read, and the package that reads it."""
    try:
        with file.open("rb") as content:
            start = content.read(256)
    except OSError:
        return None
    return _known(start, file.suffix.lower())


def other_reader(file: Path) -> str:
    """Return a hint for a file that Pillow cannot read, by its first bytes; empty without one."""
    found = reader_of(file)
    if found is None:
        return ""
    name, package = found
    return f": {name}, which the package {package} reads; save it as PNG or JPEG"


@cache
def add_reader(package: str) -> bool:
    """Let Pillow read what a package reads, where that is installed; return whether it is."""
    if package not in _PLUGINS:
        return False
    module, function = _PLUGINS[package]
    try:
        found = import_module(module)
    except Exception:  # a plugin of another build fails in its own way
        return False
    if function:
        getattr(found, function)()
    return True


def _known(start: bytes, suffix: str) -> tuple[str, str] | None:
    """Return what it is and the package that reads it."""
    if start[4:8] == b"ftyp" and start[8:12] in _BRANDS_OF_HEIF:
        return "HEIC", "pillow-heif"
    if start[4:8] == b"ftyp" and start[8:12] == b"avif":
        return "AVIF", "pillow-avif-plugin"
    if start[:2] == b"\xff\x0a" or start[4:8] == b"JXL ":
        return "JPEG XL", "pillow-jxl-plugin"
    if suffix in _CAMERA_RAW:
        return "a camera's raw file", "rawpy"
    if start[:4] in (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"):
        return "a TIFF of pixels that Pillow does not know", "tifffile"
    if start[128:132] == b"DICM":
        return "DICOM", "pydicom"
    if start[:4] == b"\x76\x2f\x31\x01":
        return "OpenEXR", "OpenEXR"
    if start[:5] == b"%PDF-":
        return "PDF", "pypdfium2"
    if b"<svg" in start or suffix == ".svg":
        return "SVG", "cairosvg"
    if start[:6] == b"\x93NUMPY":
        return "a NumPy array", "numpy"
    return None
