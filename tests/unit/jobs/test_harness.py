"""What every script does first: log, errors, threads."""

import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest

from zollstock.jobs import harness
from zollstock.jobs.harness import USED, _processor_seconds, job


@pytest.fixture(autouse=True)
def environment(monkeypatch):
    for name in ("OMP", "MKL", "OPENBLAS", "NUMBA"):
        monkeypatch.setenv(f"{name}_NUM_THREADS", "1")


def test_a_users_mistake_is_one_line_and_exit_code_1(snakemake, tmp_path, capsys):
    from zollstock.errors import ZollstockError

    with pytest.raises(SystemExit) as stop, job(snakemake):
        raise ZollstockError("file", "is wrong", "a right one", "Mend it.")
    assert stop.value.code == 1
    line = "zollstock: file: is wrong; expected a right one. Mend it.\n"
    assert capsys.readouterr().err == line
    assert (tmp_path / "log").read_text() == line


def test_a_models_key_gets_the_models_name(snakemake, capsys):
    from zollstock.errors import ZollstockError

    with pytest.raises(SystemExit), job(snakemake):
        raise ZollstockError("models: classes", "are two", "three", "Name one more.")
    assert capsys.readouterr().err.startswith("zollstock: models.mine.classes: are two;")


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES])
def test_a_full_disk_is_one_line_that_names_the_file(snakemake, capsys, number):
    with pytest.raises(SystemExit) as stop, job(snakemake):
        raise OSError(number, os.strerror(number), "store/frames")
    assert stop.value.code == 1
    text = capsys.readouterr().err
    assert text.startswith("zollstock: store/frames: ")
    assert text.count("\n") == 1


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no /dev/full")  # noqa: PTH110
def test_the_message_comes_through_when_the_log_is_on_the_full_disk(snakemake, capsys):
    snakemake.log = ["/dev/full"]
    with pytest.raises(SystemExit) as stop, job(snakemake):
        raise OSError(errno.ENOSPC, "", "store/frames")
    assert stop.value.code == 1
    assert "no space is left" in capsys.readouterr().err


def test_what_is_unforeseen_is_one_line_and_keeps_its_traceback_in_the_log(
    snakemake, tmp_path, capsys
):
    with pytest.raises(SystemExit) as stop, job(snakemake):
        raise RuntimeError("odd\nthings")
    assert stop.value.code == 1
    log = tmp_path / "log"
    line = f"zollstock: unforeseen RuntimeError: odd things; the traceback is in {log}\n"
    assert capsys.readouterr().err == line
    assert "Traceback" in log.read_text()
    assert log.read_text().endswith(line)


def test_without_a_log_the_traceback_is_on_the_terminal(snakemake, tmp_path, capsys):
    snakemake.log = [str(tmp_path / "no-folder" / "log")]
    with pytest.raises(SystemExit), job(snakemake):
        raise RuntimeError("odd")
    assert "Traceback" in capsys.readouterr().err


def test_a_job_notes_its_processor_time_and_that_of_its_children(snakemake, tmp_path, capsys):
    before = _processor_seconds()
    with job(snakemake):
        busy = "import time\nwhile time.process_time() < 0.3: pass"
        subprocess.run([sys.executable, "-c", busy], check=True)
    text = (tmp_path / "log").read_text()
    assert text.startswith(f"{USED} ")
    assert float(text.split()[-2]) >= before + 0.29
    assert capsys.readouterr().err == ""


def test_a_script_of_another_checkout_is_refused(snakemake, capsys):
    """Where an installed zollstock was imported in place of the one beside the script."""
    here = Path(harness.__file__).parents[2]
    snakemake.scriptdir = str(here / "rules/../workflow/scripts")
    with job(snakemake):
        pass
    snakemake.scriptdir = "/elsewhere/workflow/scripts"
    with pytest.raises(SystemExit) as ended, job(snakemake):
        raise AssertionError
    assert str(ended.value).startswith(
        f"zollstock: {here / 'zollstock'}: is imported by the script"
    )
