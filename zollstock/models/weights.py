"""Reading weights that a user hands in, without ever unpickling code."""

import pickle
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import safetensors.torch
import torch

from zollstock.errors import ZollstockError
from zollstock.models.shards import INDEX, shards_of

_DEEPEST = 3

State = dict[str, torch.Tensor]


def read_weights(path: Path) -> dict[str, State]:
    """Read the sets of weights in a ``.safetensors`` or a torch checkpoint.

    Parameters
    ----------
    path
        The file. A torch checkpoint is read with ``weights_only=True``. Of weights in several
        files their index, ``….index.json``.

    Returns
    -------
    dict
        Where a state dict lies in the file (``""``, ``state_dict``, ``model_ema``, …) → name of a
        parameter → tensor, on the CPU.

    Raises
    ------
    ZollstockError
        If the file is missing, is no checkpoint, or would execute code when loaded.
    """
    if not path.is_file():
        raise ZollstockError(
            path, "is missing", "a .pth or .safetensors file", "Check the model's weights."
        )
    if path.name.endswith(INDEX):
        return {"": {n: v for part in shards_of(path) for n, v in read_weights(part)[""].items()}}
    if path.suffix == ".safetensors":
        try:
            return {"": safetensors.torch.load_file(path)}
        except Exception as error:  # safetensors raises its own, unexported error type
            raise _no_checkpoint(path, str(error)) from None
    try:
        content = torch.load(path, map_location="cpu", weights_only=True)
    except pickle.UnpicklingError as error:
        if _is_pickle(path):
            raise ZollstockError(
                path,
                "holds Python objects that would run code when loaded",
                "a file of tensors only",
                "Load it where you trust it and save its state_dict() as .safetensors.",
            ) from None
        raise _no_checkpoint(path, str(error)) from None
    except Exception as error:  # torch fails on harmed or foreign bytes in a dozen ways
        raise _no_checkpoint(path, str(error)) from None
    found = dict(_sets(content))
    if not found:
        raise _no_checkpoint(path, f"holds {type(content).__name__}, not named tensors")
    return found


def _sets(content: Any, name: str = "", depth: int = 0) -> Iterator[tuple[str, State]]:  # noqa: ANN401
    """Yield each state dict in a checkpoint, and where it lies."""
    if not isinstance(content, Mapping) or not all(isinstance(key, str) for key in content):
        return
    tensors = {key: value for key, value in content.items() if isinstance(value, torch.Tensor)}
    if tensors and len(tensors) == len(content):
        yield name, tensors
    elif depth < _DEEPEST:
        for key, value in content.items():
            yield from _sets(value, f"{name}.{key}" if name else key, depth + 1)


def _is_pickle(path: Path) -> bool:
    if zipfile.is_zipfile(path):
        return True
    with path.open("rb") as file:
        return file.read(1) == b"\x80"


def _no_checkpoint(path: Path, reason: str) -> ZollstockError:
    first_line = reason.strip().splitlines()[0] if reason.strip() else ""
    if " " not in first_line:
        first_line = "not what torch.save writes"  # a bare number or word explains nothing
    return ZollstockError(
        path,
        f"is no checkpoint ({first_line[:120]})",
        "a state dict saved by torch.save or as .safetensors",
        "Check the model's weights in the config.",
    )
