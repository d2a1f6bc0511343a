"""Running a model over paths."""

import hashlib
import queue
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import TypeVar

import numpy as np
import numpy.typing as npt
import torch

from zollstock.devices import hold_device
from zollstock.errors import ZollstockError
from zollstock.inference.batching import (
    BatchSize,
    free_memory,
    keep_freed_memory,
    out_of_memory,
)
from zollstock.inference.forward import Forward
from zollstock.inference.function import check_alone
from zollstock.inference.outputs import as_probabilities
from zollstock.inference.predictions import Predictions, joined
from zollstock.inference.probe import proved
from zollstock.models.card import Model
from zollstock.models.fitting import load_into
from zollstock.models.weights import State
from zollstock.paths import PathInput

Item = TypeVar("Item")
_KEPT = 1000
"""Unedited pictures whose logits are remembered."""
_DTYPES = {"float32": torch.float32, "bfloat16": torch.bfloat16}


def prefetch(items: Iterable[Item], depth: int = 2) -> Iterator[Item]:
    """Yield items that a background thread reads ahead, at most `depth` of them.

    An exception in the thread is raised here; leaving early ends the thread.
    """
    done = object()
    waiting: queue.Queue[object] = queue.Queue(maxsize=depth)
    stop = threading.Event()

    def put(item: object) -> bool:
        while not stop.is_set():
            try:
                waiting.put(item, timeout=0.1)
                return True
            except queue.Full:
                continue
        return False

    def read() -> None:
        try:
            for item in items:
                if not put(item):
                    return
            put(done)
        except BaseException as error:
            put(error)

    thread = threading.Thread(target=read, daemon=True)
    thread.start()
    try:
        while (item := waiting.get()) is not done:
            if isinstance(item, BaseException):
                raise item
            yield item  # type: ignore[misc]
    finally:
        stop.set()
        thread.join()


class Runner:
    """One model on one device.

    Parameters
    ----------
    model
        The classifier.
    device
        ``auto``, ``cpu``, ``cuda`` or ``mps``.
    precision
        ``float32`` or ``bfloat16``; logits come back as float32 either way.
    batch_size
        Frames per forward pass, or ``auto`` to find a good number while working, see
        `BatchSize`. Results may differ in the last digit of float32 between batch sizes.
    shared
        Whether other jobs may use the same GPU; see `zollstock.devices.hold_device`.
    """

    def __init__(
        self,
        model: Model,
        *,
        device: str = "auto",
        precision: str = "float32",
        batch_size: int | str = "auto",
        shared: bool = False,
    ) -> None:
        self.device = hold_device(device, shared=shared)
        self.dtype = _DTYPES[precision]
        self.model = model
        self._batch = BatchSize(batch_size, self.device)
        if self.device.type == "cpu":
            keep_freed_memory()
        self._forward = Forward(self.model, self.device, self.dtype)
        self._unedited: dict[bytes, npt.NDArray[np.float32]] = {}
        self._compared = 1

    @property
    def batch_size(self) -> int:
        """Frames per forward pass; with ``auto`` the best number known so far."""
        return self._batch.size

    def load(self, sets: Mapping[str, State], where: Path, key: str | None = None) -> None:
        """Go on with other weights of the same network.

        Parameters
        ----------
        sets
            Of a file, see `zollstock.models.weights.read_weights`.
        where
            The file, for messages.
        key
            Which set of it, where several fit.

        Raises
        ------
        ZollstockError
            If they do not fit.
        """
        for module in (self.model.module, self._forward.module):
            load_into(module, sets, where, key)
        self._unedited.clear()
        self._compared = 1

    def _logits(self, frames: npt.NDArray[np.uint8]) -> torch.Tensor | None:
        """Return the logits of a batch on the device, None if it does not fit into memory."""
        try:
            return self._forward(frames)
        except Exception as error:
            if not isinstance(error, ZollstockError) and out_of_memory(error):
                return None
            raise

    def logits(self, frames: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
        """Return the logits of frames that already have the model's input size.

        Parameters
        ----------
        frames
            uint8, shape (N, height, width, 3).

        Returns
        -------
        ndarray of float32, shape (N, classes)
        """
        if not self.model.proved and len(frames):
            # It could not be tried before: it wants this device, or these frames' size.
            self.model = proved(self.model, self.device, frames.shape[1:3])
            self._forward = Forward(self.model, self.device, self.dtype)
        parts, done = [], 0
        while done < len(frames):
            size = self._batch.next(len(frames) - done)
            start = time.perf_counter()
            found = self._logits(frames[done : done + size])
            if found is None:
                if size == 1:
                    raise ZollstockError(
                        "inference",
                        f"not even one frame fits into the memory of {self.device}",
                        "more free memory",
                        "Use precision: bfloat16, device: cpu, or a larger device.",
                    )
                self._batch.halve(size)
                free_memory()
                continue
            self._batch.took(size, time.perf_counter() - start)
            if size >= 2 * self._compared:  # a fault may show in large batches alone
                self._compare(frames[done : done + size], found)
            parts.append(found)
            done += size
        # One transfer at the end, so that the device never waits for the host.
        return torch.cat(parts).cpu().numpy()

    def check(self, frames: npt.NDArray[np.uint8]) -> None:
        """Compare what the model says of frames of its input size together and alone.

        Raises
        ------
        ZollstockError
            If it is no function of the frame.
        """
        together = self._logits(frames)
        if together is not None:  # they fit into memory
            self._compare(frames, together)

    def _compare(self, frames: npt.NDArray[np.uint8], together: torch.Tensor) -> None:
        """Run the first frame of a batch alone; see `check`."""
        self._compared = len(frames)
        alone = self._logits(frames[:1])
        if alone is not None:
            check_alone(self._forward, frames, together, alone)

    def _once(self, frames: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
        """Return the logits of a path's frames, equal ones run once.

        The unedited picture, the last, is the zero of the knob too, and that of all placebos of an
        image. It goes through the model alone, so that no number hangs on what was run before.
        """
        digests = [hashlib.blake2b(frame, digest_size=16).digest() for frame in frames]
        last = digests[-1]
        if last not in self._unedited:
            self._unedited[last] = self.logits(frames[-1:])[0]
        known = {last: self._unedited[last]}
        new = {d: place for place, d in reversed(list(enumerate(digests))) if d != last}
        places = sorted(new.values())
        if places:
            found = self.logits(frames[places])
            known |= zip((digests[place] for place in places), found, strict=True)
        while len(self._unedited) > _KEPT:
            del self._unedited[next(iter(self._unedited))]
        return np.stack([known[digest] for digest in digests])

    def probabilities(self, frames: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
        """Return the probabilities of frames of any size, (N, height, width, 3): (N, classes)."""
        return self._probabilities(self.logits(self.model.geometry.apply(frames)))

    def _probabilities(self, logits: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        model = self.model
        return as_probabilities(logits, independent=model.independent, scale=model.scale)

    def predict(
        self, inputs: Iterable[PathInput], progress: Callable[[int], None] | None = None
    ) -> Iterator[Predictions]:
        """Yield the predictions of every frame, path by path; NaN where there is none.

        Raises
        ------
        ZollstockError
            If a prediction is not finite, naming the image.
        """
        for image, frames, axis, draw in prefetch(inputs):
            used = np.isfinite(axis)
            # The unedited image stands last; a failed path has not even that.
            shown = np.append(used, used.any())
            found = np.full((len(frames), len(self.model.classes)), np.nan, np.float32)
            if shown.any():
                found[shown] = self._once(frames if shown.all() else frames[shown])
            if not np.isfinite(found[shown]).all():
                raise ZollstockError(
                    f"image {image}" + (f", draw {draw}" if draw else ""),
                    "makes the model return NaN or infinity",
                    "finite logits",
                    "Check the model's weights and preprocessing, or use precision float32.",
                )
            if progress is not None:
                progress(len(frames))
            probabilities = self._probabilities(found)
            yield Predictions(
                [image],
                self.model.classes,
                axis[None],
                found[None, :-1],
                probabilities[None, :-1],
                found[-1:],
                probabilities[-1:],
                {
                    "device": str(self.device),
                    "precision": str(self.dtype).removeprefix("torch."),
                    "batch_size": self.batch_size,
                    "outputs": self.model.kind,
                },
                [draw],
            )

    def run(
        self, inputs: Iterable[PathInput], progress: Callable[[int], None] | None = None
    ) -> Predictions:
        """Return the predictions of all paths at once; see `predict`."""
        return joined(self.predict(inputs, progress))
