"""Programs that ``torch.export.save`` wrote.

Such a file is a program: its graph names the functions that are called. Reading it with torch may
unpickle objects as well, which is kept from it here; the graph is trusted by whoever sets
``trusted``. As of other formats, the file itself is what is kept as weights.
"""

import contextlib
import io
import pickle
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from unittest import mock

import torch
from torch import nn

from zollstock.errors import ZollstockError
from zollstock.models.extras import first_line
from zollstock.models.kept_bytes import as_tensor, read_bytes
from zollstock.models.reading import Found, named

RUNS_CODE = True
"""See `zollstock.models.registry.is_code`."""


class ExportedModel(nn.Module):
    """Maps (N, channels, H, W) to what the program returns; it is read when it first runs."""

    def __init__(self, program: torch.Tensor) -> None:
        super().__init__()
        self.register_buffer("program", program)
        # In a list, so that it is no part of the state that is saved.
        self._running: list[nn.Module] = []

    def __deepcopy__(self, memo: dict[int, Any]) -> "ExportedModel":
        return ExportedModel(self.get_buffer("program"))

    def forward(self, x: torch.Tensor) -> Any:  # noqa: ANN401
        """Return the program's output."""
        if not self._running:
            self._running.append(loaded(self.get_buffer("program").cpu().numpy().tobytes()))
        return self._running[0].to(x.device)(x)


def loaded(content: bytes) -> nn.Module:
    """Return the module of an exported program.

    Raises
    ------
    ZollstockError
        If it is none, or holds objects that would have to be unpickled.
    """
    try:
        with _tensors_only():
            return torch.export.load(io.BytesIO(content)).module()
    except Exception as error:  # torch fails on harmed or foreign bytes in a dozen ways
        raise ZollstockError(
            "models: weights",
            f"is no program that can be read without unpickling ({first_line(error)})",
            f"a .pt2 file that torch.export.save wrote, of about torch {torch.__version__}",
            "Export it again with tensors and numbers as its only constants.",
        ) from None


@contextlib.contextmanager
def _tensors_only() -> Iterator[None]:
    """Let torch read tensors alone while a program is loaded; it would unpickle anything."""
    load = torch.load

    def safe(*given: Any, **options: Any) -> Any:  # noqa: ANN401
        return load(*given, **options | {"weights_only": True})

    def refused(*given: Any, **options: Any) -> Any:  # noqa: ANN401
        raise pickle.UnpicklingError("it holds pickled objects")

    with (
        mock.patch.object(torch, "load", safe),
        mock.patch.object(pickle, "loads", refused),
        mock.patch.object(torch._C, "_pickle_load_obj", refused, create=True),
    ):
        yield


def build(size: int) -> ExportedModel:
    """Return a model for a file of so many bytes."""
    return ExportedModel(torch.zeros(size, dtype=torch.uint8))


def read(settings: Mapping[str, Any]) -> Found:
    """Return the program in a file.

    Raises
    ------
    ZollstockError
        If it is not trusted, or cannot be read.
    """
    if not settings["trusted"]:
        raise ZollstockError(
            "models: trusted",
            "is not set, and a .pt2 file is a program that is run",
            "trusted: true, of a file that you made or trust",
            "Set it, or give the model's state dict and builder.",
        )
    content = read_bytes(Path(settings["weights"]), ".pt2")
    classes, notes = named(settings["classes"])
    module = ExportedModel(as_tensor(content))
    loaded(content)
    return Found(
        module,
        {"size": len(content)},
        classes,
        dict(settings["preprocessing"]),
        settings["weights"],
        tuple(notes),
        settings["outputs"],
    )
