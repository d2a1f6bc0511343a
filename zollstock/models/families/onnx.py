"""Models that were exported to ONNX, run by onnxruntime on the CPU: predictions only.

The file itself is what is kept as weights, as bytes, so that a model is one file here too.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from zollstock.errors import ZollstockError
from zollstock.models.extras import first_line, imported
from zollstock.models.kept_bytes import as_tensor, read_bytes
from zollstock.models.reading import Found, named

INSTALL = "pip install onnxruntime"
_TYPES = {
    "tensor(float)": np.float32,
    "tensor(float16)": np.float16,
    "tensor(double)": np.float64,
}


class OnnxModel(nn.Module):
    """Maps (N, channels, H, W) to what the file returns.

    A session is no tensor and cannot be copied: each copy of the module starts its own when it
    first runs.
    """

    def __init__(self, graph: torch.Tensor, input: str | None, output: str | None) -> None:
        super().__init__()
        self.register_buffer("graph", graph)
        self.input, self.output = input, output
        self._session: Any = None

    def __deepcopy__(self, memo: dict[int, Any]) -> "OnnxModel":
        return OnnxModel(self.get_buffer("graph"), self.input, self.output)

    def session(self) -> Any:  # noqa: ANN401
        """Return the session that runs the file.

        Raises
        ------
        ZollstockError
            If onnxruntime is missing, or refuses the file.
        """
        if self._session is None:
            runtime = imported("onnxruntime", INSTALL)
            options = runtime.SessionOptions()
            options.intra_op_num_threads = torch.get_num_threads()
            options.log_severity_level = 3
            try:
                self._session = runtime.InferenceSession(
                    self.get_buffer("graph").cpu().numpy().tobytes(),
                    options,
                    providers=["CPUExecutionProvider"],
                )
            except Exception as error:  # onnxruntime has a type for each of its codes
                raise ZollstockError(
                    "models: weights",
                    f"onnxruntime refuses the file ({first_line(error)})",
                    "an .onnx file with its weights inside, of operators that onnxruntime has",
                    "Export it again; of one above 2 GB give the torch model instead.",
                ) from None
        return self._session

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return the file's output."""
        session = self.session()
        entry = _one("input", session.get_inputs(), self.input)
        result = _one("output", session.get_outputs(), self.output)
        if entry.type not in _TYPES:
            raise ZollstockError(
                "models: weights",
                f"takes {entry.type} as '{entry.name}'",
                "an input of floating-point numbers, (N, channels, height, width)",
                "Export the model without its preprocessing.",
            )
        given = np.ascontiguousarray(x.float().cpu().numpy()).astype(_TYPES[entry.type], copy=False)
        found = session.run([result.name], {entry.name: given})[0]
        return torch.from_numpy(np.asarray(found, np.float32)).to(x.device)


def _one(what: str, entries: Any, name: str | None) -> Any:  # noqa: ANN401
    """Return the input or output of a name, or the only one."""
    names = [entry.name for entry in entries]
    if name is None and len(names) == 1:
        return entries[0]
    if name in names:
        return entries[names.index(name)]
    raise ZollstockError(
        f"models: {what}",
        f"is '{name}'" if name else f"is not set, and the file has {len(names)}",
        f"one of {', '.join(names)}",
        f"Set the model's {what}.",
    )


def build(size: int, input: str | None = None, output: str | None = None) -> OnnxModel:
    """Return a model for a file of so many bytes."""
    return OnnxModel(torch.zeros(size, dtype=torch.uint8), input, output)


def read(settings: Mapping[str, Any]) -> Found:
    """Return the model in a file."""
    content = read_bytes(Path(settings["weights"]), ".onnx")
    classes, notes = named(settings["classes"])
    arguments = {key: settings[key] for key in ("input", "output")}
    module = OnnxModel(as_tensor(content), **arguments)
    module.session()
    return Found(
        module,
        {"size": len(content), **arguments},
        classes,
        dict(settings["preprocessing"]),
        settings["weights"],
        tuple(notes),
        settings["outputs"],
    )
