"""When an image needs no further placebo: the sequential test, while placebos are being made."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from zollstock.arrays import Array
from zollstock.significance.compared import compared_statistic
from zollstock.significance.sequential import draws_needed

Frames = npt.NDArray[np.uint8]


@dataclass(frozen=True)
class Hypothesis:
    """One property and model on one image.

    Attributes
    ----------
    value
        What the edit under test moved the probability by.
    output
        Column of the followed probability in what `EarlyStop.measure` returns.
    """

    value: float
    output: int


class EarlyStop:
    """Keeps what each placebo did, until every hypothesis has been reached often enough.

    An image has enough placebos once every hypothesis that shares them was reached h times:
    each then has its Besag–Clifford p; see `zollstock.significance.sequential`. Each
    hypothesis has its own stopping time, so sharing the draws harms none.

    Parameters
    ----------
    hypotheses
        Image id → its hypotheses. Those without a value ask for no placebos.
    measure
        From frames (S, H, W, 3) to the probabilities of all classes of all models, (S, C).
    stop_after
        h.
    statistic
        See `zollstock.significance.compared.PLACEBO_STATISTICS`.
    """

    def __init__(
        self,
        hypotheses: Mapping[str, Sequence[Hypothesis]],
        measure: Callable[[Frames], Array],
        stop_after: int,
        statistic: str,
    ) -> None:
        self.hypotheses = {
            image: [one for one in several if np.isfinite(one.value)]
            for image, several in hypotheses.items()
        }
        self.measure, self.stop_after, self.statistic = measure, stop_after, statistic
        self.found: dict[str, list[list[float]]] = {image: [] for image in self.hypotheses}

    def look(self, image: str, frames: Frames, unedited: Frames) -> None:
        """Look at one more placebo of an image.

        Parameters
        ----------
        image
            Image id.
        frames
            Of the placebo, uint8, shape (T, H, W, 3).
        unedited
            Its reference, uint8, shape (H, W, 3).
        """
        measured = self.measure(np.concatenate([frames, unedited[None]]))
        outputs = [one.output for one in self.hypotheses[image]]
        values = compared_statistic(self.statistic)(measured[:-1, outputs].T, measured[-1, outputs])
        self.found[image].append([float(value) for value in values])

    def needed(self, image: str) -> int:
        """Return how many more placebos an image needs at least; 0 if there are enough."""
        several = self.hypotheses[image]
        made = self.found[image]
        placebos = np.array(made, np.float64).reshape(len(made), len(several)).T
        missing = draws_needed([one.value for one in several], placebos, self.stop_after)
        return int(missing.max(initial=0))
