"""How long a run still takes, from how long its rules took, in this run and in earlier ones."""

from collections import Counter
from collections.abc import Iterable
from pathlib import Path

_FILES = 20  # benchmark files that are read for a rule, at most
_KNOWN = 2 / 3  # of the jobs to come; with fewer that can be told, the time is a lower bound


class Pace:
    """Durations of jobs by rule, and the time that is left.

    Parameters
    ----------
    results
        The folder with the benchmark files of earlier runs, `STUDY/benchmarks/RULE/**.tsv`.
    """

    def __init__(self, results: Path) -> None:
        self._results = results
        self._seconds: dict[str, list[float]] = {}
        self._earlier: dict[str, list[float]] = {}
        self._worked = 0.0

    def finished(self, rule: str, seconds: float) -> None:
        """Note that a job of a rule took so many seconds."""
        self._seconds.setdefault(rule, []).append(seconds)
        self._worked += seconds

    def left(
        self, waiting: Counter[str], running: Iterable[tuple[str, float]], elapsed: float
    ) -> tuple[float, bool] | None:
        """Return the seconds until the end, and whether most of them can be told; None if none can.

        The work that is left (mean duration of each rule's jobs, less what the running ones have
        done) is divided by the jobs that ran side by side so far, on the average. Rules of which
        nothing is known count as the others do, or, if they are many, as nothing.

        Parameters
        ----------
        waiting
            Rule → number of jobs that have not started.
        running
            Rule and seconds since the start of each job that runs.
        elapsed
            Seconds since the first job started.
        """
        running = list(running)
        to_come = waiting + Counter(rule for rule, _ in running)
        means = {rule: self._mean(rule) for rule in to_come}
        known = {rule: mean for rule, mean in means.items() if mean is not None}
        jobs = sum(to_come[rule] for rule in known)
        if not jobs or elapsed <= 0:
            return None
        enough = jobs >= _KNOWN * to_come.total()
        usual = sum(known[rule] * to_come[rule] for rule in known) / jobs if enough else 0.0
        work = sum(known.get(rule, usual) * number for rule, number in waiting.items())
        work += sum(max(known.get(rule, usual) - since, 0.0) for rule, since in running)
        beside = (self._worked + sum(since for _, since in running)) / elapsed
        seconds = work / max(beside, 1.0)
        # A lower bound of a few seconds says nothing.
        return (seconds, enough) if enough or seconds >= 10 else None

    def _mean(self, rule: str) -> float | None:
        """Return the mean seconds of a rule's jobs, in this run or, else, in earlier ones."""
        seconds = self._seconds.get(rule)
        if not seconds:
            if rule not in self._earlier:
                self._earlier[rule] = _benchmarked(self._results, rule)
            seconds = self._earlier[rule]
        return sum(seconds) / len(seconds) if seconds else None


def _benchmarked(results: Path, rule: str) -> list[float]:
    """Return the seconds that Snakemake's benchmark files tell of a rule's jobs."""
    seconds = []
    for file in sorted(results.glob(f"*/benchmarks/{rule}/**/*.tsv"))[:_FILES]:
        try:
            seconds += [
                float(row.split("\t")[0])
                for row in file.read_text(encoding="utf-8").splitlines()[1:]
            ]
        except (OSError, ValueError):
            continue  # half written, or another version's
    return seconds


def clock(seconds: float) -> str:
    """Return a time as hours, minutes and seconds, `1:02:03` or `2:03`.

    >>> clock(3723), clock(123)
    ('1:02:03', '2:03')
    """
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def about(seconds: float, enough: bool = True) -> str:
    """Return a time as an estimate should be read, or as a lower bound if too little is known.

    >>> about(4), about(52), about(130), about(9000)
    ('about 10 s', 'about 60 s', 'about 2 min', 'about 2.5 h')
    >>> about(59, enough=False)
    'at least 50 s'
    """
    if not enough:
        if seconds < 60:
            return f"at least {seconds // 10 * 10:.0f} s"
        if seconds < 3600:
            return f"at least {seconds // 60:.0f} min"
        return f"at least {seconds // 3600:.0f} h"
    if seconds <= 90:
        return f"about {max(-(-int(seconds) // 10), 1) * 10} s"
    if seconds <= 5400:
        return f"about {seconds / 60:.0f} min"
    return f"about {seconds / 3600:.1f} h"
