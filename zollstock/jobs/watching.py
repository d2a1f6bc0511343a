"""What an adaptive path looks at: the probabilities of models. Imported by name."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from zollstock.engines.adaptive import Measure
from zollstock.files import models_in
from zollstock.inference.run import Runner
from zollstock.models.card import load_model


def probabilities(files: Sequence[str], device: str) -> Measure:
    """Return a function from frames to the probabilities of all classes of all models.

    Parameters
    ----------
    files
        Weights and card of each model in turn.
    device
        Where they run; a GPU is not shared, since the editor whose paths they watch is there.
    """
    models = [load_model(*pair) for pair in models_in(files)]
    runners = [Runner(model, device=device, batch_size=8) for model in models]

    def measure(frames: NDArray[np.uint8]) -> NDArray[np.float64]:
        found = [runner.probabilities(frames) for runner in runners]
        return np.concatenate(found, axis=1).astype(np.float64)

    return measure
