"""Progress of long jobs: a line now and then, more of them in the job's log."""

import sys
import time
from types import TracebackType

_NOTE_EVERY = 10.0  # seconds between lines in the log
_SAY_AFTER = 30.0  # seconds of silence on the terminal, at least
_SAY_EVERY = 300.0  # and at most, while less than a tenth of the work has been done


class Progress:
    """Counts what a job finishes; use as a context manager and call it with each number finished.

    The terminal belongs to the run and its many jobs. A job that takes less than half a minute
    says nothing there, and a longer one says ten lines, or one in five minutes. In a job's log
    (see `zollstock.jobs.harness`) there is a line every ten seconds, and one at the end.

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

    def __enter__(self) -> "Progress":
        self._start = self._noted = self._said = time.monotonic()
        self._done_then = 0
        return self

    def __call__(self, finished: int) -> None:
        """Count `finished` more."""
        self.done += finished
        now = time.monotonic()
        silent = now - self._said
        tenth = 10 * (self.done - self._done_then) >= self.total
        say = silent >= _SAY_EVERY or (silent >= _SAY_AFTER and tenth)
        if not say and now - self._noted < _NOTE_EVERY:
            return
        self._noted = now
        rate = self.done / max(now - self._start, 1e-9)
        left = (self.total - self.done) / max(rate, 1e-9)
        line = self._line(f"{_speed(rate, self.unit)}, {left:.0f} s left")
        if say:
            self._said, self._done_then = now, self.done
            sys.stderr.write(line)
            sys.stderr.flush()
        else:
            _note(line)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        seconds = time.monotonic() - self._start
        _note(self._line(f"{seconds:.1f} s" if error is None else "stopped"))

    def _line(self, rest: str) -> str:
        return f"{self.title}: {self.done} of {self.total} {self.unit}, {rest}\n"


def _speed(rate: float, unit: str) -> str:
    """Return a speed that is not rounded to nothing: an editor may need minutes for a frame."""
    return f"{rate:.0f} {unit}/s" if rate >= 2 else f"{rate:.2g} {unit}/s"


def _note(line: str) -> None:
    """Write to the job's log alone, or to stderr where there is no job."""
    getattr(sys.stderr, "note", sys.stderr.write)(line)
