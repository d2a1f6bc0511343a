"""When an image needs no further placebo: the sequential test, while placebos are being made."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from zollstock.significance.placebo import cut_statistic

Frames = npt.NDArray[np.uint8]
Array = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Hypothesis:
    """One property and model on one image.

    Attributes
    ----------
    value
        What the edit under test moved the probability by.
    size
        How large that edit is, as a mean absolute pixel change.
    output
        Column of the followed probability in what `EarlyStop.measure` returns.
    """

    value: float
    size: float
    output: int


class EarlyStop:
    """Counts the placebos that were at least as large as the edit, hypothesis by hypothesis.

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
        See `zollstock.significance.placebo.PLACEBO_STATISTICS`.
    """

    def __init__(
        self,
        hypotheses: Mapping[str, Sequence[Hypothesis]],
        measure: Callable[[Frames], Array],
        stop_after: int,
        statistic: str,
    ) -> None:
        self.hypotheses = {
            image: [one for one in several if np.isfinite(one.value) and np.isfinite(one.size)]
            for image, several in hypotheses.items()
        }
        self.measure, self.stop_after, self.statistic = measure, stop_after, statistic
        self.exceed = {
            image: np.zeros(len(several), int) for image, several in self.hypotheses.items()
        }

    def enough(self, image: str, frames: Frames, sizes: Array) -> bool:
        """Count one more placebo of an image; return whether it was the last one needed.

        Parameters
        ----------
        image
            Image id.
        frames
            Of the placebo, uint8, shape (S, H, W, 3).
        sizes
            Mean absolute pixel change of each frame from the first, shape (S,).
        """
        probabilities = self.measure(frames)
        for place, one in enumerate(self.hypotheses[image]):
            p = probabilities[:, one.output]
            found, _ = cut_statistic(p[None], sizes[None], one.size, self.statistic)
            # As in the test itself, a tie counts.
            self.exceed[image][place] += bool(found[0] >= one.value - 1e-12)
        return bool((self.exceed[image] >= self.stop_after).all())
