"""What a run says on the terminal: short lines; the details stay in Snakemake's own log.

Snakemake writes what it does through `logging`, to a file and to the terminal. Here the handler of
the terminal is changed for one that needs a line where Snakemake prints a page. A run with
`--verbose`, `--debug-dag` or a logger plugin is left as it is, and `--quiet` holds here as well.
What is taken for granted of Snakemake (the handler's name, the fields of its records) stands in
this module alone; records that it does not know are shown as they come.
"""

import logging
import re
import shutil
import textwrap
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from zollstock.plan.pace import Pace, about, clock

_WIDTH = 110  # of lines that go to no terminal
_LINES = 40  # what a run says of its jobs, where none is slow
_SECONDS = 30.0  # a line comes at the latest after so long, if a job has finished
_PAUSE = 0.5  # seconds after a job has finished, for the next one to start
# Messages that no reader needs, by their beginning.
_NOISE = re.compile(
    "Building DAG of jobs|Using shell: |Select jobs|Removing output files of failed"
    "|(Conda environments|Singularity containers): ignored|Group jobs: inactive"
    r"|Auto-selected partition|Job \d+ has been submitted"
)
_SCRIPT = re.compile(r"\.snakemake/scripts/tmp\w{8}\.(\w+\.py)' (.+)")


def follow(workflow: Any) -> None:  # noqa: ANN401
    """Let the terminal show short lines, if Snakemake's own handler writes to it.

    Parameters
    ----------
    workflow
        Snakemake's object of this name.
    """
    logger = logging.getLogger("snakemake.logging")
    for handler in logger.handlers:
        if isinstance(handler, logging.FileHandler) and handler.stream:
            # Snakemake's log is in the locale's encoding, which may not have all letters.
            handler.stream.reconfigure(errors="backslashreplace")
    default = next((h for h in logger.handlers if h.name == "DefaultStreamHandler"), None)
    if default is None or not workflow.is_main_process or logger.isEnabledFor(logging.DEBUG):
        return
    logger.removeHandler(default)
    logger.addHandler(Console(default, dry=workflow.output_settings.dryrun))


class Console(logging.Handler):
    """Writes a run's progress, its warnings and its failures, each in a line.

    Parameters
    ----------
    default
        Snakemake's handler, whose stream, filters and colours are taken over.
    dry
        Whether the run is a dry one, which shows every job with its reason.
    results
        Where earlier runs left how long their jobs took.
    """

    def __init__(self, default: Any, *, dry: bool, results: Path = Path("results")) -> None:  # noqa: ANN401
        super().__init__()
        self.default, self.dry = default, dry
        for found in default.filters:
            self.addFilter(found)
        self._tty = bool(getattr(default.stream, "isatty", lambda: False)())
        self._pace = Pace(results)
        self._waiting: Counter[str] = Counter()
        self._running: dict[int, tuple[str, str, float]] = {}  # job → rule, name, start
        self._local: dict[int, bool] = {}
        self._news: list[tuple[str, str]] = []  # rule, name and time of what has finished
        self._done = self._total = self._failed = self._unsaid = 0
        self._cores: int | None = None
        self._table: logging.LogRecord | None = None
        self._begin: float | None = None
        self._said: float | None = None
        self._timer: threading.Timer | None = None
        self._on: dict[str | None, Callable[[Any], None]] = {
            "workflow_started": self._on_workflow,
            "resources_info": self._on_resources,
            "run_info": self._on_table,
            "job_info": self._on_reason if dry else self._on_start,
            "job_started": lambda record: None,
            "job_finished": self._on_finish,
            "progress": self._on_progress,
            "job_error": self._on_failure,
            "error": self._on_exception,
            None: self._on_message,
        }

    def emit(self, record: logging.LogRecord) -> None:
        """Show a record, or note what it says for the next line."""
        event = getattr(record, "event", None)
        try:
            self._on.get(event if event is None else str(event), self._show)(record)
        except BrokenPipeError:
            raise
        except Exception:
            self.handleError(record)

    def close(self) -> None:
        """Say what has not been said."""
        if self._timer is not None:
            self._timer.cancel()
        with self.lock or threading.RLock():
            self._say(whole=True)
            if self._table is not None:
                self._show(self._table)
        super().close()

    # Events, in the order in which they come.

    def _on_workflow(self, record: Any) -> None:  # noqa: ANN401
        study = ", ".join(map(str, record.configfiles)) or "no config file"
        self._line(f"Snakemake {record.snakemake_version}: {study}, in {record.cwd}")

    def _on_resources(self, record: Any) -> None:  # noqa: ANN401
        self._cores = getattr(record, "cores", self._cores)

    def _on_table(self, record: Any) -> None:  # noqa: ANN401
        """Show the number of jobs: all rules in a dry run, at its end; else in short."""
        if self.dry:
            # It comes at the beginning and again at the end, which is what a reader sees.
            self._table = None if self._table else record
            if self._table is None:
                self._show(record)
            return
        counts = dict(record.stats)
        self._total = counts.pop("total", 0)
        self._waiting = Counter(counts)
        rules = _counted(counts)
        where = f" on {self._cores} cores" if self._cores else ""
        head = f"{self._total} jobs{where}: {rules}"
        self._line(textwrap.fill(head, self._width(), subsequent_indent="    "))
        for handler in logging.getLogger("snakemake.logging").handlers:
            if isinstance(handler, logging.FileHandler):
                self._line(f"Details: {handler.baseFilename}")

    def _on_reason(self, record: Any) -> None:  # noqa: ANN401
        """Show a job of a dry run with the reason for it."""
        resources = ", ".join(
            f"{name}={value}"
            for name, value in record.resources.items()
            if name[0] != "_" and name not in {"tmpdir", "mem", "mem_mib"}
        )
        kind = "checkpoint" if record.is_checkpoint else "rule"
        of = " ".join(filter(None, map(str, record.wildcards.values())))
        self._line(f"{kind} {record.rule_name}: {of}".rstrip())
        if record.reason:
            self._line(f"    reason: {_short(record.reason)}")
        if resources:
            self._line(f"    resources: {resources}")

    def _on_start(self, record: Any) -> None:  # noqa: ANN401
        name = " ".join([record.rule_name, *filter(None, map(str, record.wildcards.values()))])
        now = time.monotonic()
        self._begin = now if self._begin is None else self._begin
        self._running[record.jobid] = (record.rule_name, name, now)
        self._local[record.jobid] = record.local
        self._waiting -= Counter([record.rule_name])
        if self._said is None:
            self._soon()

    def _on_finish(self, record: Any) -> None:  # noqa: ANN401
        rule, name, start = self._running.pop(record.job_id, ("", "", 0.0))
        if rule:
            seconds = time.monotonic() - start
            self._pace.finished(rule, seconds)
            self._news.append((rule, f"{name} ({clock(seconds)})"))

    def _on_progress(self, record: Any) -> None:  # noqa: ANN401
        self._unsaid += record.done - self._done
        self._done, self._total = record.done, record.total
        self._soon()

    def _on_failure(self, record: Any) -> None:  # noqa: ANN401
        """Say which job failed and where its log is; what the job said itself is not repeated."""
        self._say(whole=True)
        _, name, _ = self._running.pop(record.jobid, ("", record.rule_name, 0.0))
        self._failed += 1
        log = [str(file) for file in record.log]
        if not self._local.get(record.jobid, True):
            # It ran elsewhere: this terminal has heard nothing of it.
            self._line("\n".join(_said_in(log)), record)
        why = f"; {record.rule_msg}" if record.rule_msg else ""
        self._line(f"{name} failed; log: {', '.join(log) or 'none'}{why}", record)

    def _on_exception(self, record: Any) -> None:  # noqa: ANN401
        text = record.getMessage()
        if "At least one job did not complete" in text:
            return  # the line of each such job says more
        script = _SCRIPT.search(text) if "CalledProcessError" in text else None
        if script is None:
            self._show(record)
        elif "non-zero exit status 1." not in text:
            # Another end than that of a script which has said what is wrong.
            self._line(f"{script[1]} {script[2]}", record)

    def _on_message(self, record: logging.LogRecord) -> None:
        text = str(record.msg or "")
        if _NOISE.match(text) and not self.dry:
            return
        if text.startswith("Exiting because a job execution failed"):
            self._say(whole=True)
            text = f"{_times(self._failed, 'job')} failed, {self._done} of {self._total} done."
            self._line(text, record)
            return
        if text.startswith("Trying to restart job"):
            self._failed -= 1
        self._show(record)

    # Lines.

    def _soon(self) -> None:
        """Say in a moment what has finished and what runs, unless there is a wish for it already.

        The moment is there since Snakemake tells that a job has finished before it starts others.
        """
        if self._timer is None:
            self._timer = threading.Timer(_PAUSE, self._later)
            self._timer.daemon = True
            self._timer.start()

    def _later(self) -> None:
        with self.lock or threading.RLock():
            self._timer = None
            self._say()

    def _say(self, whole: bool = False) -> None:
        """Write the line of progress if enough has happened, or if anything has (`whole`)."""
        now = time.monotonic()
        if self._begin is None and not self._unsaid:
            return
        if self._said is not None:
            late = now - self._said >= _SECONDS or whole or self._done == self._total
            if not (self._unsaid and (late or self._unsaid * _LINES >= self._total)):
                return
        elapsed = now - (now if self._begin is None else self._begin)
        running = [(rule, now - start) for rule, _, start in self._running.values()]
        # What waits for a failed job never runs.
        left = None if self._failed else self._pace.left(self._waiting, running, elapsed)
        time_left = f", {about(*left)} left" if left else ""
        head = f"{clock(elapsed):>6}  {self._done} of {self._total}{time_left}"
        self._line(_fitting(head, self._news, self._running.values(), self._width()))
        self._said, self._unsaid = now, 0
        self._news.clear()

    def _width(self) -> int:
        return shutil.get_terminal_size((_WIDTH, 24)).columns if self._tty else _WIDTH

    def _line(self, text: str, record: logging.LogRecord | None = None) -> None:
        """Write a line, in the colour of the record it comes from."""
        if text:
            self.default.stream.write(
                (self.default.decorate(record, text) if record else text) + "\n"
            )
            self.default.flush()

    def _show(self, record: logging.LogRecord) -> None:
        """Write a record as Snakemake does."""
        self._say(whole=True)
        text = self.default.format(record)
        self._line("" if text in (None, "None") else text, record)


def _fitting(
    head: str,
    news: Iterable[tuple[str, str]],
    running: Iterable[tuple[str, str, float]],
    width: int,
) -> str:
    """Return the line of progress, with the names of jobs or, where they are many, of rules."""
    lists = [("done", [new[:2] for new in news]), ("now", [job[:2] for job in running])]
    for short in ((), ("done",), ("done", "now")):
        parts = [
            f"{word} {_counted(Counter(r for r, _ in jobs)) if word in short else _named(jobs)}"
            for word, jobs in lists
            if jobs
        ]
        line = " | ".join([head, *parts])
        if len(line) <= width:
            return line
    return line[: width - 1] + "…"


def _named(jobs: Iterable[tuple[str, str]]) -> str:
    return ", ".join(name for _, name in jobs)


def _counted(rules: Mapping[str, int]) -> str:
    """Return `3 infer, score` for rules and their numbers."""
    return ", ".join(f"{number} {rule}" if number > 1 else rule for rule, number in rules.items())


def _short(reason: str, names: int = 3) -> str:
    """Return a job's reason with no more than a few names in each of its lists."""
    parts = []
    for part in reason.split("; "):
        what, colon, listed = part.partition(": ")
        found = listed.split(", ")
        more = f" and {len(found) - names} more" if len(found) > names else ""
        parts.append(f"{what}{colon}{', '.join(found[:names])}{more}")
    return "; ".join(parts)


def _said_in(logs: Iterable[str]) -> list[str]:
    """Return what a job's logs say in zollstock's name."""
    for log in logs:
        try:
            lines = Path(log).read_text(encoding="utf-8", errors="replace").splitlines()
        except OSError:
            continue
        if found := [line for line in lines if line.startswith("zollstock: ")]:
            return found
    return []


def _times(number: int, word: str) -> str:
    return f"{number} {word}" if number == 1 else f"{number} {word}s"
