"""What every script does first: threads, network, log, and errors without a traceback."""

import errno
import io
import os
import resource
import signal
import sys
import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, NoReturn, TextIO

from zollstock.errors import ZollstockError
from zollstock.jobs.network import silence, stay_offline, wanted_network

# How the line of a job's log begins that tells its processor time.
USED = "processor time:"

_DISK = {
    errno.ENOSPC: "no space is left on the disk",
    errno.EDQUOT: "the disk quota is used up",
    errno.EFBIG: "the file is larger than is allowed here",
    errno.EROFS: "the disk is read-only",
    errno.EACCES: "permission is denied",
}


class _Tee(io.TextIOBase):
    """Writes to the terminal and to the rule's log."""

    def __init__(self, terminal: TextIO, log: TextIO) -> None:
        self.terminal, self.log = terminal, log

    def write(self, text: str) -> int:
        written = self.terminal.write(text)
        self.note(text)
        return written

    def note(self, text: str) -> None:
        """Write to the log alone; a full disk must not hide the message that says so."""
        with suppress(OSError):
            self.log.write(text)
            self.log.flush()

    def flush(self) -> None:
        self.terminal.flush()

    def isatty(self) -> bool:
        return self.terminal.isatty()


@contextmanager
def job(snakemake: Any, *, network: bool = False) -> Iterator[None]:  # noqa: ANN401
    """Run a script's body with the rule's threads and log.

    Hugging Face's libraries are told to stay offline before anything imports them, but in the
    job that fetches (`network`).

    A `ZollstockError` or a full disk ends the script with one line and exit code 1, and so does a
    wish for the network; anything else is unforeseen, and its traceback is kept in the log.
    SIGTERM, which a scheduler sends at the time limit, ends the programs that an engine has
    started too. A job that succeeds notes its processor time in the log (see
    benchmarks/study.py).
    """
    _refuse_another(getattr(snakemake, "scriptdir", ""))
    _set_threads(snakemake.threads)
    silence()
    if not network:
        stay_offline()
    # Python would die of it without a chance to end what it started.
    before = signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))
    terminal = sys.stderr
    log = _open_log(Path(snakemake.log[0]))
    sys.stderr = tee = _Tee(terminal, log)
    try:
        yield
        tee.note(f"{USED} {_processor_seconds():.2f} s\n")
    except ZollstockError as error:
        print(f"zollstock: {_named(error, snakemake.wildcards)}", file=sys.stderr)
        sys.exit(1)
    except OSError as error:
        if error.errno not in _DISK:
            _unforeseen(error, log)
        where = error.filename or snakemake.output[0]
        print(
            f"zollstock: {where}: {_DISK[error.errno]}; expected a writable disk with room. "
            "Mend that and run again; finished work is kept.",
            file=sys.stderr,
        )
        sys.exit(1)
    except Exception as error:
        _unforeseen(error, log)
    finally:
        sys.stderr = terminal
        signal.signal(signal.SIGTERM, before)
        with suppress(OSError):
            log.close()


def _refuse_another(scripts: str) -> None:
    """End where this is not the zollstock whose script runs, as one that is installed may be."""
    here = Path(__file__).resolve().parents[1]
    wanted = Path(scripts).resolve().parents[1] / "zollstock" if scripts else here
    # A folder of a checkout may be a link.
    if here != wanted.resolve():
        sys.exit(
            f"zollstock: {here}: is imported by the script of another checkout in "
            f"{scripts}; expected the one beside it. Uninstall it, or take it from PYTHONPATH."
        )


def named_files(given: Any) -> dict[str, list[Path]]:  # noqa: ANN401 - Snakemake's list of files
    """Return a rule's named inputs as lists of paths, the library's files (`lib`) left out."""
    return {
        name: [Path(file) for file in ([found] if isinstance(found, str) else found)]
        for name, found in given.items()
        if name != "lib"
    }


def _open_log(path: Path) -> TextIO:
    """Open the rule's log; on a full disk the script says on the terminal alone what it found."""
    try:
        return path.open("w", encoding="utf-8")
    except OSError:
        return io.StringIO()


def _unforeseen(error: Exception, log: TextIO) -> NoReturn:
    """End with one line; the traceback goes to the log, or to the terminal if there is none."""
    wish = wanted_network(error)
    if wish:
        print(f"zollstock: {wish}", file=sys.stderr)
        sys.exit(1)
    trace = traceback.format_exc()
    if isinstance(log, io.StringIO):
        sys.stderr.write(trace)
        sys.exit(1)
    with suppress(OSError):
        log.write(trace)
    what = " ".join(str(error).split())[:300]
    print(
        f"zollstock: unforeseen {type(error).__name__}: {what}; the traceback is in {log.name}",
        file=sys.stderr,
    )
    sys.exit(1)


def _processor_seconds() -> float:
    """Return the processor time of this process since its start, and of those it has ended."""
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime


def _named(error: ZollstockError, wildcards: Any) -> str:  # noqa: ANN401
    """Return the message with the model's or property's name in the key it is about."""
    text = str(error)
    for kind, section in (("model", "models"), ("property", "properties")):
        name = getattr(wildcards, kind, None)
        if name:
            text = text.replace(f"{section}: ", f"{section}.{name}.", 1)
    return text


def _set_threads(threads: int) -> None:
    """Hold NumPy, numba and torch to the rule's threads, before and after they load."""
    for name in ("OMP", "MKL", "OPENBLAS", "NUMBA"):
        os.environ[f"{name}_NUM_THREADS"] = str(threads)
    if "torch" in sys.modules:
        sys.modules["torch"].set_num_threads(threads)
    if "numpy" in sys.modules:
        from threadpoolctl import threadpool_limits

        threadpool_limits(threads)
