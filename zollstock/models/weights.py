"""Reading weights that a user hands in, without ever unpickling code."""

import pickle
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import safetensors.torch
import torch

from zollstock.errors import ZollstockError, some_of
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
        raise _no_checkpoint(path, f"holds no named tensors, but {_held(content)}")
    return found


def _sets(content: Any, name: str = "", depth: int = 0) -> Iterator[tuple[str, State]]:  # noqa: ANN401
    """Yield each state dict in a checkpoint, and where it lies."""
    if not isinstance(content, Mapping) or not all(isinstance(key, str) for key in content):
        return
    tensors = {key: value for key, value in content.items() if isinstance(value, torch.Tensor)}
    inner: list[tuple[str, State]] = []
    if depth < _DEEPEST:
        for key, value in content.items():
            inner += _sets(value, f"{name}.{key}" if name else key, depth + 1)
    # A number or a text beside tensors (an epoch, say) does not make them others; beside whole
    # sets a lone tensor is no weights.
    yield from inner or ([(name, tensors)] if tensors else [])


def _held(content: Any, depth: int = 2) -> str:  # noqa: ANN401
    """Say what something is made of, so that one knows one's own file."""
    kind = type(content).__name__
    if not depth or not isinstance(content, Mapping | list | tuple):
        return kind
    parts = (
        [f"{key!r}: {_held(value, depth - 1)}" for key, value in content.items()]
        if isinstance(content, Mapping)
        else [_held(value, depth - 1) for value in content]
    )
    return f"{kind} ({some_of(parts, 3)})" if parts else f"an empty {kind}"


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
