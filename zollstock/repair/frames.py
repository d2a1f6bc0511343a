"""Which frames of which paths a step is given."""

import numpy as np
import numpy.typing as npt

from zollstock.repair.material import Images, Labels, Paths
from zollstock.repair.run import Run
from zollstock.seeds import rng_for


class FrameDraws:
    """Frames of paths that are drawn for a step, by a hash of the seed and the step's number.

    Parameters
    ----------
    run
        Its material's paths are drawn from.
    count
        Paths a property and step; all, if there are fewer.
    """

    def __init__(self, run: Run, count: int) -> None:
        self._run, self._count = run, count
        self._paths = run.material.need_paths(run.method)

    def pairs(self, number: int, *, ends: bool) -> tuple[Images, Images, Labels]:
        """Draw two frames of each path, of all properties, and their labels.

        Parameters
        ----------
        number
            Of the step.
        ends
            Whether these are the first and the last frame; else any two.
        """
        first, second, labels = [], [], []
        for name in sorted(self._paths):
            paths = self._paths[name]
            steps = paths.frames.shape[1]
            rng = rng_for(self._run.seed, "repair", "frames", name, number)
            rows = self._rows(paths, rng)
            one = np.zeros(len(rows), np.intp) if ends else rng.integers(0, steps, len(rows))
            far = steps - 1 if ends else rng.integers(1, steps, len(rows))
            first.append(paths.frames[rows, one])
            second.append(paths.frames[rows, (one + far) % steps])
            labels.append(np.asarray(paths.labels)[rows])
        return self._mirrored(first, number), self._mirrored(second, number), np.concatenate(labels)

    def frames(self, number: int) -> tuple[Images, Labels]:
        """Draw a frame of each path, of all properties, and their labels."""
        frames, labels = [], []
        for name in sorted(self._paths):
            paths = self._paths[name]
            rng = rng_for(self._run.seed, "repair", "frames", name, number)
            rows = self._rows(paths, rng)
            frames.append(paths.frames[rows, rng.integers(0, paths.frames.shape[1], len(rows))])
            labels.append(np.asarray(paths.labels)[rows])
        return self._mirrored(frames, number), np.concatenate(labels)

    def _rows(self, paths: Paths, rng: np.random.Generator) -> npt.NDArray[np.intp]:
        count = len(paths.frames)
        found: npt.NDArray[np.intp] = rng.permutation(count)[: min(self._count, count)]
        return found

    def _mirrored(self, parts: list[Images], number: int) -> Images:
        """Return frames as images are shown: half of them mirrored, if any are; both of a pair."""
        whole = np.concatenate(parts)
        if not self._run.training["mirror"]:
            return whole
        rng = rng_for(self._run.seed, "repair", "mirrored", number)
        flips = rng.random(len(whole)) < 0.5
        return np.where(flips[:, None, None, None], whole[:, :, ::-1], whole)
