"""Preprocessing that lies beside a model of transformers: ``preprocessor_config.json``."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from zollstock.errors import ZollstockError
from zollstock.files import read_json

FILE = "preprocessor_config.json"
_RESAMPLING = {0: "nearest", 1: "lanczos", 2: "bilinear", 3: "bicubic"}  # Pillow's numbers
_FULL = 384  # ConvNeXt's models of this size and more see the whole picture


def read_folder_config(folder: Path, name: str = "config.json") -> dict[str, Any]:
    """Return a JSON file of a checkpoint's folder.

    Raises
    ------
    ZollstockError
        If it is missing or no JSON object.
    """
    try:
        found = read_json(folder / name)
    except (OSError, ValueError) as error:
        raise ZollstockError(
            folder / name,
            f"cannot be read ({error})" if (folder / name).is_file() else "is missing",
            "a folder that save_pretrained wrote, or a copy of one from a hub",
            "Correct the model's checkpoint, or fetch it again.",
        ) from None
    if not isinstance(found, dict):
        raise ZollstockError(folder / name, "is no JSON object", "keys", "Fetch it again.")
    return found


def own_preprocessing(folder: Path, channels: int = 3) -> tuple[dict[str, Any], list[str]]:
    """Return the preprocessing that a folder describes, and what to say of it.

    Without the file nothing is known but the channels.
    """
    if not (folder / FILE).is_file():
        return {"channels": channels}, [f"has no {FILE} beside it, so its input is as you say"]
    given = read_folder_config(folder, FILE)
    # Processors of pictures and text keep it one level down.
    given = given.get("image_processor", given)
    found, notes = _geometry(given)
    return found | _arithmetic(given) | {"channels": channels}, notes


def _geometry(given: Mapping[str, Any]) -> tuple[dict[str, Any], list[str]]:
    found = {"size": None, "resize": "bilinear", "fit": "stretch", "resize_to": None}
    found["resize"] = _RESAMPLING.get(given.get("resample", 2), "bilinear")
    if not given.get("do_resize", True):
        return found, []
    size, cut = given.get("size"), None
    if given.get("do_center_crop"):
        cut = _pair(given.get("crop_size"))
    edge = size.get("shortest_edge") if isinstance(size, Mapping) else None
    share = given.get("crop_pct")
    if isinstance(size, int) and (cut or share):
        edge = size
    if edge and share:  # ConvNeXt's way
        if edge >= _FULL:
            return found | {"size": [edge, edge]}, []
        return found | {"size": [edge, edge], "fit": "crop", "resize_to": int(edge / share)}, []
    if edge and cut and edge >= max(cut):
        return found | {"size": cut, "fit": "crop", "resize_to": edge}, []
    if edge:
        note = f"takes pictures of any shape with a shorter side of {edge}; here of the middle"
        return found | {"size": [edge, edge], "fit": "crop"}, [note]
    whole = _pair(size)
    if whole and cut and cut != whole and min(whole) >= max(cut):
        note = "stretches before it cuts the middle out; here the shape is kept"
        return found | {"size": cut, "fit": "crop", "resize_to": min(whole)}, [note]
    return found | {"size": whole}, []


def _pair(size: Any) -> list[int] | None:  # noqa: ANN401
    """Return height and width."""
    if isinstance(size, int):
        return [size, size]
    if isinstance(size, Mapping) and {"height", "width"} <= set(size):
        return [int(size["height"]), int(size["width"])]
    return None


def _arithmetic(given: Mapping[str, Any]) -> dict[str, Any]:
    """Return mean and deviation for pixels in [0, 1], of rescaling and normalising together."""
    factor = 255 * float(given.get("rescale_factor", 1 / 255))
    if not given.get("do_rescale", True):
        factor = 255.0
    offset = 1.0 if given.get("rescale_offset") and given.get("do_rescale", True) else 0.0
    mean, std = [0.0] * 3, [1.0] * 3
    if given.get("do_normalize", True):
        mean = _three(given.get("image_mean"), 0.5)
        std = _three(given.get("image_std"), 0.5)
    return {
        "mean": [(value + offset) / factor for value in mean],
        "std": [value / factor for value in std],
    }


def _three(value: Any, otherwise: float) -> list[float]:  # noqa: ANN401
    if value is None:
        value = otherwise
    values = [float(value)] * 3 if isinstance(value, int | float) else [float(v) for v in value]
    return values * 3 if len(values) == 1 else values
