"""What is kept of a training after each epoch, so that one that was killed goes on there.

One file of tensors, written whole or not at all: the module's parameters and buffers, the
optimiser's state, and the state of torch's generator, which dropout draws from. Nothing of it is
unpickled. What the training is of (weights to begin with, data, settings, code) is its
fingerprint: a file of another one is not gone on from.
"""

import hashlib
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import safetensors
import safetensors.torch
import torch
from torch import nn

from zollstock.errors import ZollstockError
from zollstock.files import sha256_of

FOLDER = "unfinished"
"""Beside the models: files of trainings that were not finished."""
_CPU, _CUDA = "generator.cpu", "generator.cuda"


def fingerprint_of(
    module: nn.Module,
    images: npt.NDArray[np.uint8],
    labels: npt.NDArray[np.integer],
    settings: Mapping[str, Any],
    code: Sequence[Path] = (),
) -> str:
    """Return the SHA-256 of all that a training's outcome depends on.

    Parameters
    ----------
    module
        Before the training.
    images, labels
        What it is trained on.
    settings
        Of the model and of the training; device and number of threads too.
    code
        Files that run.
    """
    told = json.dumps([settings, torch.__version__], sort_keys=True, default=str)
    digest = hashlib.sha256(told.encode())
    for name, tensor in _tensors(module):
        digest.update(f"{name} {tuple(tensor.shape)} {tensor.dtype}".encode())
        digest.update(_bytes(tensor))
    for array in (images, labels):
        digest.update(f"{array.shape} {array.dtype}".encode())
        digest.update(np.ascontiguousarray(array).data)
    for file in sorted(code):
        digest.update(f"{file.name} {sha256_of(file)}".encode())
    return digest.hexdigest()


@dataclass(frozen=True)
class Unfinished:
    """The file of an unfinished training.

    Attributes
    ----------
    file
        Which need not be there.
    fingerprint
        Of the training, see `fingerprint_of`.
    """

    file: Path
    fingerprint: str

    def keep(
        self, module: nn.Module, optimiser: torch.optim.Optimizer, history: Mapping[str, Any]
    ) -> None:
        """Write what is needed to go on; a file that is there is replaced once this is whole."""
        tensors = {f"module.{name}": tensor for name, tensor in _tensors(module)}
        for place, parameter in enumerate(_optimised(optimiser)):
            for key, value in optimiser.state[parameter].items():
                tensors[f"optimiser.{place}.{key}"] = torch.as_tensor(value)
        tensors[_CPU] = torch.get_rng_state()
        device = next((parameter.device for parameter in _optimised(optimiser)), None)
        if device is not None and device.type == "cuda":
            tensors[_CUDA] = torch.cuda.get_rng_state(device)
        # A copy each, in plain order: safetensors refuses shared memory and other layouts.
        plain = {
            name: tensor.detach().cpu().contiguous().clone() for name, tensor in tensors.items()
        }
        told = {"fingerprint": self.fingerprint, "history": json.dumps(dict(history))}
        told["checksum"] = _digest(plain)
        self.file.parent.mkdir(parents=True, exist_ok=True)
        new = self.file.with_suffix(".part")
        new.write_bytes(safetensors.torch.save(plain, told))
        os.replace(new, self.file)  # noqa: PTH105

    def restore(self, module: nn.Module, optimiser: torch.optim.Optimizer) -> dict[str, Any] | None:
        """Put what was kept into a module and its optimiser, and return the history.

        None, and nothing is changed, if nothing was kept, or of another training, or if the file
        is harmed.
        """
        found = self._read()
        if found is None:
            return None
        tensors, history = found
        with torch.no_grad():
            for name, tensor in _tensors(module):
                tensor.copy_(tensors[f"module.{name}"])
        for place, parameter in enumerate(_optimised(optimiser)):
            start = f"optimiser.{place}."
            for name in [name for name in tensors if name.startswith(start)]:
                value = tensors[name]
                # As the optimiser lays it out: another order in memory may round otherwise.
                own = torch.empty_like(parameter) if value.shape == parameter.shape else value
                own = own.to(value.dtype)
                optimiser.state[parameter][name.removeprefix(start)] = own.copy_(value)
        torch.set_rng_state(tensors[_CPU])
        if _CUDA in tensors:
            torch.cuda.set_rng_state(tensors[_CUDA], _optimised(optimiser)[0].device)
        return history

    def remove(self) -> None:
        """Remove the file, and its folder where no other training is unfinished."""
        self.file.unlink(missing_ok=True)
        if self.file.parent.is_dir() and not any(self.file.parent.iterdir()):
            self.file.parent.rmdir()

    def _read(self) -> tuple[dict[str, torch.Tensor], dict[str, Any]] | None:
        try:
            with safetensors.safe_open(self.file, framework="pt") as content:
                told = content.metadata() or {}
                if told.get("fingerprint") != self.fingerprint:
                    return None
                tensors = {name: content.get_tensor(name) for name in content.keys()}  # noqa: SIM118
            if told.get("checksum") != _digest(tensors):
                return None
            return tensors, json.loads(told["history"])
        except (OSError, ValueError, KeyError, safetensors.SafetensorError):
            return None


def keep_state(state: Mapping[str, torch.Tensor], file: Path) -> None:
    """Write weights of an epoch, with a checksum of them and of the file's name."""
    told = {"checksum": _digest(state, file.name)}
    safetensors.torch.save_file(dict(state), file, told)


def kept_state(file: Path) -> dict[str, torch.Tensor]:
    """Read what `keep_state` wrote.

    Raises
    ------
    ZollstockError
        If it was lost or harmed, or is another epoch's.
    """
    try:
        with safetensors.safe_open(file, framework="pt") as content:
            known = (content.metadata() or {}).get("checksum")
            tensors = {name: content.get_tensor(name) for name in content.keys()}  # noqa: SIM118
    except (OSError, ValueError, safetensors.SafetensorError):
        known, tensors = None, {}
    if known != _digest(tensors, file.name):
        raise ZollstockError(
            file,
            "differs from what was written" if file.is_file() else "is missing",
            "the weights of an epoch",
            f"Delete {file.parent.parent} and run again, which begins that training anew.",
        )
    return tensors


def _tensors(module: nn.Module) -> Iterator[tuple[str, torch.Tensor]]:
    """Yield all that a module holds, buffers included that its state dict leaves out."""
    yield from module.named_parameters()
    yield from module.named_buffers()


def _optimised(optimiser: torch.optim.Optimizer) -> list[torch.Tensor]:
    return [parameter for group in optimiser.param_groups for parameter in group["params"]]


def _digest(tensors: Mapping[str, torch.Tensor], name_of_file: str = "") -> str:
    digest = hashlib.sha256(name_of_file.encode())
    for name in sorted(tensors):
        digest.update(name.encode())
        digest.update(_bytes(tensors[name]))
    return digest.hexdigest()


def _bytes(tensor: torch.Tensor) -> bytes:
    plain = tensor.detach().cpu().contiguous()
    return plain.reshape(-1).view(torch.uint8).numpy().tobytes() if plain.numel() else b""
