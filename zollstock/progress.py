"""Progress of long jobs: a bar on a terminal, a line now and then in a log."""

import sys
import time
from types import TracebackType

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
from rich.progress import Progress as Bar

_LINE_EVERY = 10.0  # seconds between lines in a log


class Progress:
    """Counts what a job finishes; use as a context manager and call it with each number finished.

    Parameters
    ----------
    title
        What is going on.
    total
        How many there are.
    unit
        What is counted.
    """

    def __init__(self, title: str, total: int, unit: str = "frames") -> None:
        self.title, self.total, self.unit = title, total, unit
        self.done = 0
        self._bar: Bar | None = None

    def __enter__(self) -> "Progress":
        self._start = self._last = time.monotonic()
        if sys.stderr.isatty():
            self._bar = Bar(
                TextColumn("{task.description}"),
                BarColumn(),
                MofNCompleteColumn(),
                TextColumn("{task.fields[rate]}"),
                TimeRemainingColumn(),
                # The terminal itself: a log that listens on stderr gets lines, not control codes.
                console=Console(file=sys.__stderr__),
                transient=True,
            )
            self._task = self._bar.add_task(self.title, total=self.total, rate="")
            self._bar.start()
        return self

    def __call__(self, finished: int) -> None:
        """Count `finished` more."""
        self.done += finished
        now = time.monotonic()
        rate = self.done / max(now - self._start, 1e-9)
        if self._bar is not None:
            self._bar.update(self._task, advance=finished, rate=f"{rate:.0f} {self.unit}/s")
        elif now - self._last >= _LINE_EVERY:
            self._last = now
            left = (self.total - self.done) / max(rate, 1e-9)
            self._line(f"{rate:.0f} {self.unit}/s, {left:.0f} s left")

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._bar is not None:
            self._bar.stop()
        seconds = time.monotonic() - self._start
        self._line(f"{seconds:.1f} s" if error is None else "stopped")

    def _line(self, rest: str) -> None:
        print(
            f"{self.title}: {self.done} of {self.total} {self.unit}, {rest}",
            file=sys.stderr,
            flush=True,
        )
