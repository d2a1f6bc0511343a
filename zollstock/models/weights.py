"""Reading weights that a user hands in, without ever unpickling code."""

import pickle
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import safetensors.torch
import torch

from zollstock.errors import ZollstockError

_WRAPPERS = ("state_dict", "model_state_dict", "model", "weights", "net")


def read_weights(path: Path) -> dict[str, torch.Tensor]:
    """Read a state dict from a ``.safetensors`` or a torch checkpoint.

    Parameters
    ----------
    path
        The file. A torch checkpoint is read with ``weights_only=True``; where it wraps the
        state dict (keys ``state_dict``, ``model``, …), the wrapper is taken off.

    Returns
    -------
    dict
        Parameter name → tensor, on the CPU.

    Raises
    ------
    ZollstockError
        If the file is missing, is no checkpoint, or would execute code when loaded.
    """
    if not path.is_file():
        raise ZollstockError(
            path, "is missing", "a .pth or .safetensors file", "Check the model's weights."
        )
    if path.suffix == ".safetensors":
        try:
            return safetensors.torch.load_file(path)
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
    return _unwrap(path, content)


def load_into(module: torch.nn.Module, state: Mapping[str, torch.Tensor], where: Path) -> None:
    """Load a state dict strictly.

    Raises
    ------
    ZollstockError
        If names or shapes do not fit, naming the first of each kind.
    """
    wanted = module.state_dict()
    problems = []
    missing = [name for name in wanted if name not in state]
    surplus = [name for name in state if name not in wanted]
    shapes = [
        f"{name} has shape {tuple(state[name].shape)} instead of {tuple(value.shape)}"
        for name, value in wanted.items()
        if name in state and state[name].shape != value.shape
    ]
    if missing:
        problems.append(f"lacks {len(missing)} tensors (first: {missing[0]})")
    if surplus:
        problems.append(f"has {len(surplus)} unknown tensors (first: {surplus[0]})")
    if shapes:
        problems.append(f"{len(shapes)} tensors differ in shape ({shapes[0]})")
    if problems:
        raise ZollstockError(
            where,
            "does not fit the architecture: " + "; ".join(problems),
            "a checkpoint of the model that family and arguments describe",
            "Correct family or arguments in the config.",
        )
    module.load_state_dict(dict(state))


def _unwrap(path: Path, content: Any) -> dict[str, torch.Tensor]:  # noqa: ANN401
    if isinstance(content, Mapping):
        for wrapper in _WRAPPERS:
            if isinstance(content.get(wrapper), Mapping):
                content = content[wrapper]
                break
        tensors = {
            # DataParallel puts "module." before every name.
            str(name).removeprefix("module."): value
            for name, value in content.items()
            if isinstance(value, torch.Tensor)
        }
        if tensors and len(tensors) == len(content):
            return tensors
    raise _no_checkpoint(path, f"holds {type(content).__name__}, not named tensors")


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
