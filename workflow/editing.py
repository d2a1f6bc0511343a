"""How a job runs an image editor, from its part of the settings."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any


def run_options(
    cfg: Mapping[str, Any], watched: Sequence[str] = (), threads: int | None = None
) -> object:
    """Return an editor's run options, or None for engines that take none.

    Parameters
    ----------
    cfg
        The job's settings; ``editing`` is there only where an editor runs.
    watched
        Weights and card of each model an adaptive path looks at, in turn.
    threads
        Threads of torch; None leaves them.
    """
    if "editing" not in cfg:
        return None
    import torch

    from zollstock.engines.diffusion.base import RunOptions

    if threads:
        torch.set_num_threads(threads)
    editing = {key: value for key, value in cfg["editing"].items() if key != "dtype"}
    return RunOptions(
        **editing | {"checkpoints": Path(editing["checkpoints"])},
        watch=_probabilities(watched) if watched else None,
    )


def _probabilities(files: Sequence[str]) -> Any:  # noqa: ANN401
    import numpy as np
    from numpy.typing import NDArray

    from zollstock.inference.run import Runner, softmax
    from zollstock.models.card import load_model

    pairs = zip(files[::2], files[1::2], strict=True)
    models = [load_model(Path(weights), Path(card)) for weights, card in pairs]
    runners = [(model.geometry, Runner(model, device="cpu", batch_size=8)) for model in models]

    def measure(frames: NDArray[np.uint8]) -> NDArray[np.float64]:
        found = [softmax(runner.logits(geometry.apply(frames))) for geometry, runner in runners]
        return np.concatenate(found, axis=1).astype(np.float64)

    return measure


def watched(files: Sequence[str]) -> dict[str, list[str]]:
    """Return the checksums of watched models, on which adaptive frames depend."""
    from zollstock.files import read_json

    cards = [Path(file) for file in files[1::2]]
    return {"watched": [read_json(card)["sha256"] for card in cards]} if cards else {}
