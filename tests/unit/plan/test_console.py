"""What a run says on the terminal, from the records that Snakemake logs."""

import io
import logging
import types

import pytest
from snakemake.logging import ColorizingTextHandler, DefaultFilter, DefaultFormatter
from snakemake.settings.enums import Quietness
from snakemake_interface_logger_plugins.common import LogEvent

from zollstock.plan import console
from zollstock.plan.console import Console, follow


class Terminal(io.StringIO):
    def isatty(self):
        return True


class Told:
    """A console that is told what Snakemake would log, on a clock that only the test moves on."""

    def __init__(self, stream, folder, monkeypatch, quiet=(), dry=False):
        default = ColorizingTextHandler(stream=stream)
        default.addFilter(DefaultFilter(set(quiet), False, False, dry, False))
        default.setFormatter(DefaultFormatter())
        self.stream, self.now, self.done, self.total = stream, 0.0, 0, 0
        monkeypatch.setattr(console.time, "monotonic", lambda: self.now)
        # What the timer would do is done after each record of an event that sets it.
        monkeypatch.setattr(console.threading, "Timer", Later)
        self.console = Console(default, dry=dry, results=folder)

    def log(self, msg="", level=logging.INFO, **fields):
        record = logging.makeLogRecord({"msg": msg, "levelno": level} | fields)
        record.levelname = logging.getLevelName(level)
        self.console.handle(record)

    def moment(self):
        """Let the short time pass after which a line may come."""
        if self.console._timer is not None:
            self.console._timer.function()

    def table(self, **counts):
        self.total = sum(counts.values())
        stats = counts | {"total": self.total}
        self.log("Job stats:\nall of them\n", event=LogEvent.RUN_INFO, stats=stats)

    def start(self, number, rule, local=True, **wildcards):
        self.log(
            event=LogEvent.JOB_INFO,
            jobid=number,
            rule_name=rule,
            local=local,
            wildcards=wildcards,
            is_checkpoint=False,
            reason="Missing output files: a, b, c, d, e; Code has changed",
            resources={"_cores": 1, "mem_mb": 500, "mem_mib": 477},
        )

    def finish(self, number):
        self.done += 1
        self.log("Finished", event=LogEvent.JOB_FINISHED, job_id=number)
        self.log(None, event=LogEvent.PROGRESS, done=self.done, total=self.total)

    def fail(self, number, rule, log, why=None):
        self.log(
            "Error in rule",
            logging.ERROR,
            event=LogEvent.JOB_ERROR,
            jobid=number,
            rule_name=rule,
            rule_msg=why,
            log=log,
        )

    @property
    def lines(self):
        return self.stream.getvalue().splitlines()


class Later:
    def __init__(self, seconds, function):
        self.function = function

    def start(self):
        pass

    def cancel(self):
        pass


@pytest.fixture
def told(tmp_path, monkeypatch):
    return Told(io.StringIO(), tmp_path, monkeypatch)


def test_what_runs_what_is_done_and_the_time_that_is_left(told):
    told.table(infer=4, score=1)
    told.start(1, "infer", model="a", property="fur")
    told.start(2, "infer", model="b", property="fur")
    told.moment()
    told.now = 20
    told.finish(1)
    told.start(3, "infer", model="c", property="fur")
    told.moment()
    assert told.lines == [
        "5 jobs: 4 infer, score",
        "  0:00  0 of 5 | now infer a fur, infer b fur",
        "  0:20  1 of 5, about 30 s left | done infer a fur (0:20) | now infer b fur, infer c fur",
    ]


def test_a_study_of_many_jobs_takes_forty_lines(told):
    told.table(infer=400)
    for number in range(400):
        told.start(number, "infer", model=str(number))
        told.finish(number)
        told.moment()
    told.console.close()
    assert 38 <= len(told.lines) <= 44
    assert told.lines[-1] == "  0:00  400 of 400 | done 9 infer"


def test_slow_jobs_have_a_line_each(told):
    told.table(infer=400)
    for number in range(5):
        told.start(number, "infer", model=str(number))
        told.now += 31
        told.finish(number)
        told.moment()
    assert len(told.lines) == 1 + 5


def test_lines_fit_into_the_width(told):
    told.table(infer=300)
    for number in range(100):
        told.start(number, "infer", model=f"a long name {number}")
        told.finish(number)
        told.moment()
    assert max(map(len, told.lines)) <= 110


def test_a_failure_is_a_line_with_the_log_and_the_job_is_not_repeated(told, tmp_path):
    log = tmp_path / "a.log"
    log.write_text("zollstock: config: is bad\n")
    told.table(infer=2)
    told.start(1, "infer", model="a")
    told.start(2, "infer", model="b")
    told.moment()
    command = "Command 'set -euo pipefail;  python /x/.snakemake/scripts/tmpab_de2gh.infer.py'"
    text = f'RuleException:\nCalledProcessError in file "x", line 1:\n{command} returned'
    told.log(f"{text} non-zero exit status 1.", logging.ERROR, event=LogEvent.ERROR)
    told.fail(1, "infer", [str(log)])
    told.log(f"{text} non-zero exit status 137.", logging.ERROR, event=LogEvent.ERROR)
    told.fail(2, "infer", [])
    told.log("Exiting because a job execution failed. Look above", logging.ERROR)
    told.log("WorkflowError:\nAt least one job did not complete successfully.", event="error")
    assert told.lines[2:] == [
        f"infer a failed; log: {log}",
        "infer.py returned non-zero exit status 137.",
        "infer b failed; log: none",
        "2 jobs failed, 0 of 2 done.",
    ]


def test_of_a_job_on_another_machine_its_log_is_shown(told, tmp_path):
    log = tmp_path / "a.log"
    log.write_text("Traceback\nzollstock: config: is bad\n")
    told.table(infer=1)
    told.start(1, "infer", local=False, model="a")
    told.moment()
    told.fail(1, "infer", [str(log), "slurm.log"], "SLURM status is: 'FAILED'")
    told.log("Trying to restart job 1.")
    told.log("Exiting because a job execution failed. Look above", logging.ERROR)
    assert told.lines[2:] == [
        "zollstock: config: is bad",
        f"infer a failed; log: {log}, slurm.log; SLURM status is: 'FAILED'",
        "Trying to restart job 1.",
        "0 jobs failed, 0 of 1 done.",
    ]


def test_other_errors_and_warnings_are_shown_as_they_are(told):
    told.log("a warning", logging.WARNING)
    told.log("MissingOutputException: x", logging.ERROR, event=LogEvent.ERROR)
    told.log("Building DAG of jobs...")
    told.log("Job 3 has been submitted with SLURM jobid 12 (log: x).")
    told.log("Creating conda environment envs/models.yaml...")
    assert told.lines == [
        "a warning",
        "MissingOutputException: x",
        "Creating conda environment envs/models.yaml...",
    ]


def test_a_dry_run_shows_each_job_with_its_reason_and_the_table_at_the_end(tmp_path, monkeypatch):
    told = Told(io.StringIO(), tmp_path, monkeypatch, dry=True)
    told.table(infer=1)
    told.start(1, "infer", model="a")
    assert told.lines == [
        "rule infer: a",
        "    reason: Missing output files: a, b, c and 2 more; Code has changed",
        "    resources: mem_mb=500",
    ]
    told.console.close()  # with --quiet there is no second table
    assert told.lines[3:] == ["Job stats:", "all of them", ""]


def test_quiet_about_rules_leaves_the_count(tmp_path, monkeypatch):
    told = Told(io.StringIO(), tmp_path, monkeypatch, quiet={Quietness.RULES})
    told.table(infer=2)
    told.start(1, "infer", model="a")
    told.finish(1)
    told.moment()
    assert told.lines == ["2 jobs: 2 infer", "  0:00  1 of 2"]


def test_quiet_about_all_says_nothing(tmp_path, monkeypatch):
    told = Told(io.StringIO(), tmp_path, monkeypatch, quiet={Quietness.ALL})
    told.table(infer=2)
    told.start(1, "infer", model="a")
    told.finish(1)
    told.log("bad", logging.ERROR)
    told.moment()
    told.console.close()
    assert told.lines == []


def test_errors_have_a_colour_on_a_terminal(tmp_path, monkeypatch):
    monkeypatch.setenv("TERM", "xterm")
    told = Told(Terminal(), tmp_path, monkeypatch)
    told.log("bad", logging.ERROR)
    assert told.lines == ["\x1b[31mbad\x1b[0m"]


@pytest.fixture
def logger():
    """Snakemake's logger with a handler of the name that Snakemake gives it."""
    logger = logging.getLogger("snakemake.logging")
    before, level = list(logger.handlers), logger.level
    handler = ColorizingTextHandler(stream=io.StringIO())
    handler.name = "DefaultStreamHandler"
    logger.handlers[:] = [handler]
    logger.setLevel(logging.INFO)
    yield logger
    logger.handlers[:] = before
    logger.setLevel(level)


def run(main=True, dry=False):
    settings = types.SimpleNamespace(dryrun=dry)
    return types.SimpleNamespace(is_main_process=main, output_settings=settings)


def test_the_terminals_handler_is_changed_and_no_other(logger, tmp_path):
    file = logging.FileHandler(tmp_path / "log")
    logger.addHandler(file)
    follow(run())
    assert file in logger.handlers
    assert [type(handler) for handler in logger.handlers] == [logging.FileHandler, Console]
    follow(run())
    assert len(logger.handlers) == 2
    file.close()


def test_jobs_verbose_runs_and_plugins_are_left_as_they_are(logger):
    before = list(logger.handlers)
    follow(run(main=False))
    assert logger.handlers == before
    logger.setLevel(logging.DEBUG)
    follow(run())
    assert logger.handlers == before
    logger.setLevel(logging.INFO)
    logger.handlers[0].name = "another"
    follow(run())
    assert logger.handlers == before


def test_snakemake_names_its_handler_as_it_is_looked_for():
    """A version that renames it would print its pages again."""
    from snakemake.logging import LoggerManager
    from snakemake.settings.types import OutputSettings

    manager = LoggerManager(logging.Logger("one of the test's"), OutputSettings())
    assert [handler.name for handler in manager.logger.handlers] == ["DefaultStreamHandler"]
