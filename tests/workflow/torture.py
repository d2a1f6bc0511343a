"""Kills at drawn moments, restarts as docs/everyday.md says, and an honest count of what was made.

The engine is a program that writes a line per frame into a log, so that the count does not
depend on what the workflow believes it made.
"""

import copy
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from dataclasses import dataclass, field

import psutil
import zarr

from tests.workflow.conftest import PATIENCE
from zollstock.engines.produce import path_seed
from zollstock.settings import parse_study
from zollstock.store import PathStore

STEPS = 8
SCRIPT = ".snakemake/scripts"  # in the command line of every rule's script
PROGRAM_FILE = "program.py"
SEED_AT = 7  # place of the seed in the command line of the program
PROGRAM = '''
"""Writes noise that depends on the image, the seed and the axis; notes what it does."""
import hashlib, json, random, struct, sys, time, zlib
image, axis, output, seed, size = sys.argv[1:]

def note(event):
    with open("made.log", "a") as log:
        log.write(f"{seed} {event}\\n")

def chunk(kind, data):
    check = zlib.crc32(kind + data)
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", check)

note("begin")
height, width = map(int, size.split("x"))
name = hashlib.sha256(open(image, "rb").read()).hexdigest() + seed
for step, value in enumerate(json.load(open(axis))):
    noise = random.Random(name).randbytes(height * width * 3)
    rows = [noise[y * width * 3 : (y + 1) * width * 3] for y in range(height)]
    rows = [bytes(int(128 + value * (v - 128)) for v in row) for row in rows]
    busy = time.process_time() + 0.01
    while time.process_time() < busy:
        pass
    with open(f"{output}/{step:03d}.png", "wb") as file:
        file.write(b"\\x89PNG\\r\\n\\x1a\\n")
        file.write(chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)))
        file.write(chunk(b"IDAT", zlib.compress(b"".join(b"\\0" + row for row in rows))))
        file.write(chunk(b"IEND", b""))
    note(step)
note("end")
'''


def study(mini):
    """The mini study with one model and one property, which the counting program makes."""
    study = copy.deepcopy(mini)
    study["images"]["n_per_class"] = 5
    study["models"] = {"plain": study["models"]["plain"]}
    study["properties"] = {
        "edit": {
            "engine": "command",
            "command": [
                *(sys.executable, "-I", "-S", PROGRAM_FILE),
                *("{image}", "{axis}", "{output}", "{seed}", "{size}"),
            ],
            "steps": STEPS,
        }
    }
    return study


def prepare(workspace):
    """Put the program where the study runs."""
    workspace.folder.mkdir(exist_ok=True)
    (workspace.folder / PROGRAM_FILE).write_text(PROGRAM)


def made(workspace):
    """(path's seed, step, "begin" or "end") → how often the program did that."""
    log = workspace.folder / "made.log"
    return Counter(log.read_text().splitlines()) if log.exists() else Counter()


def begun(workspace):
    """Path's seed → how often the program began it."""
    lines = made(workspace)
    return Counter({k.split()[0]: n for k, n in lines.items() if k.endswith(" begin")})


def frames_made(workspace):
    """(path's seed, step) → how often the program made the frame."""
    lines = made(workspace)
    return Counter({k: n for k, n in lines.items() if k.split()[1].isdigit()})


def kept(workspace, prop="edit"):
    """The finished rows of a store → the time their frames were written."""
    store = store_of(workspace, prop)
    if store is None:
        return {}
    # Places are counted by rows, and marked done by more than zeros.
    done = [
        int(file.name.split(".")[1])
        for file in (store / "done").glob("c.*")
        if any(file.read_bytes())
    ]
    return {row: frames_file(workspace, row, prop).stat().st_mtime_ns for row in done}


def store_of(workspace, prop="edit"):
    """The store of a property's paths, None as long as there is none."""
    found = sorted((workspace.results() / "interventions").glob(f"{prop}-*.zarr"))
    assert len(found) <= 1, found
    return found[0] if found and (found[0] / "frames" / "zarr.json").exists() else None


def frames_file(workspace, row, prop="edit"):
    """The file that holds a row's frames."""
    return PathStore(store_of(workspace, prop)).frames_file(row)


def unfinished(workspace, config):
    """The seeds of paths that were begun and are not in the store."""
    names = begun(workspace)
    if not names:
        return set()
    done = kept(workspace)
    study = parse_study(config, "study.yaml")
    settings = study.properties["edit"].frame_settings(study.surroundings())
    images = zarr.open_group(store_of(workspace), mode="r").attrs["images"]
    left = [image for row, image in enumerate(images) if row not in done]
    seeds = {path_seed(config["seed"], settings, image, 0) for image in left}
    return {str(seed % 2**32) for seed in seeds} & set(names)


def processes(workspace, word=""):
    """The living processes of a folder whose command line has a word."""
    found = []
    for process in psutil.process_iter():
        try:
            if (
                process.cwd() == str(workspace.folder)
                and process.status() != psutil.STATUS_ZOMBIE
                and any(word in part for part in process.cmdline())
            ):
                found.append(process)
        except psutil.Error:
            continue
    return found


def cpu_seconds(process):
    """The time a process and its children have computed: the same on a busy machine."""
    total = 0.0
    try:
        for one in [process, *process.children(recursive=True)]:
            total += sum(one.cpu_times()[:4])
    except psutil.Error:
        pass
    return total


def until(condition, what, patience=PATIENCE):
    """Wait, but not for ever."""
    deadline = time.monotonic() + patience
    while not (found := condition()):
        assert time.monotonic() < deadline, f"waited {patience} s in vain: {what}"
        time.sleep(0.02)
    return found


@dataclass
class Ordeal:
    """A study that is killed again and again.

    Parameters
    ----------
    workspace, config, target
        What is run.
    rng
        Draws the moments and the victims.
    longest
        The latest moment of a kill, in seconds of computing since the start.
    """

    workspace: object
    config: dict
    target: str
    rng: object
    longest: float = 14.0
    kills: Counter = field(default_factory=Counter)  # by victim
    stages: Counter = field(default_factory=Counter)  # scripts that ran at a kill
    lost: Counter = field(default_factory=Counter)  # path's seed → kills that took it

    def run(self, victim):
        """Run until the victim is killed or the target is there; return whether it is there."""
        space = self.workspace
        seconds = self.rng.uniform(0.5, self.longest)
        frames = sum(frames_made(space).values()) + int(self.rng.integers(1, 60))
        before, left = begun(space), kept(space)
        with (space.folder / "run.log").open("ab") as log:
            process = subprocess.Popen(
                space.command(self.config, self.target, "--rerun-incomplete"),
                cwd=space.folder,
                env=os.environ | {"TMPDIR": str(space.folder)},
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        try:
            alive = self.wait_for_moment(process, victim, seconds, frames)
            if alive:
                self.kill(process, victim)
            process.wait(PATIENCE)
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
        if not alive:
            said = (space.folder / "run.log").read_text()[-3000:]
            assert process.returncode == 0, said
            return True
        self.clear_up()
        now = kept(space)
        assert {row: now.get(row) for row in left} == left, "a kept path was written again"
        times = begun(space)
        self.lost.update(s for s in unfinished(space, self.config) if times[s] > before[s])
        if victim != "job":
            unlocked = space.run(self.config, "--unlock")
            assert unlocked.code == 0, unlocked.text
        return False

    def wait_for_moment(self, process, victim, seconds, frames):
        """Wait for so much computing or so many frames; return whether Snakemake lives."""
        tree = psutil.Process(process.pid)

        def now():
            if process.poll() is not None:
                return True
            if cpu_seconds(tree) < seconds and sum(frames_made(self.workspace).values()) < frames:
                return False
            return victim != "job" or bool(processes(self.workspace, SCRIPT))

        until(now, "the moment of the kill")
        return process.poll() is None

    def kill(self, process, victim):
        """Kill one job's script, Snakemake alone, or the whole process group."""
        scripts = processes(self.workspace, SCRIPT)
        if victim == "job" and not scripts:
            return  # it ended just now
        self.stages.update(map(rule_of, scripts))
        self.kills[victim] += 1
        if victim == "job":
            self.strike(scripts[: 1 + int(self.rng.integers(len(scripts)))])
        elif victim == "snakemake":
            self.strike([psutil.Process(process.pid)])
            time.sleep(self.rng.uniform(0, 1))
        else:
            main = psutil.Process(process.pid)
            group = [main, *main.children(recursive=True)]
            # The programs of the engine have a session of their own.
            self.strike([one for one in group if not told(one)])

    def clear_up(self):
        """What docs/everyday.md asks for after a `kill -9`: end the jobs that are left."""
        while left := processes(self.workspace, "snakemake"):
            self.strike(left)
            for one in left:
                until(lambda one=one: not alive(one), "a killed process ends")
        # An external program is no job; it ends by itself and nobody reads what it writes.
        until(lambda: not processes(self.workspace), "the programs of the engine end")

    def strike(self, victims):
        """Kill processes, unless that would take a path for the second time.

        A path that a kill took once is spared, which is what makes two the bound: otherwise a
        path is made once more for every kill that takes it. They are stopped while we look.
        """
        while True:
            signal_all(victims, signal.SIGSTOP)
            if not self.second_chance():
                break
            signal_all(victims, signal.SIGCONT)
            until(lambda: not self.second_chance(), "a path that was lost before is made")
        signal_all(victims, signal.SIGKILL)

    def second_chance(self):
        """Whether a path is being made that was lost before."""
        times = begun(self.workspace)
        making = {s for s in unfinished(self.workspace, self.config) if times[s] > self.lost[s]}
        making |= {seed for one in processes(self.workspace, PROGRAM_FILE) for seed in told(one)}
        return any(self.lost[seed] for seed in making)


def alive(process):
    """Whether a process is there and no zombie."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def told(process):
    """The seed that a process was told, if it is the counting program."""
    try:
        words = process.cmdline()
    except psutil.Error:
        return []
    return words[SEED_AT : SEED_AT + 1] if PROGRAM_FILE in words else []


def rule_of(process):
    """The script that a job runs."""
    try:
        parts = [part for part in process.cmdline() if SCRIPT in part]
    except psutil.Error:
        parts = []
    return parts[0].rpartition("/")[2].partition(".")[2] if parts else "none"


def signal_all(victims, number):
    """Send a signal to all that still live."""
    for victim in victims:
        try:
            victim.send_signal(number)
        except psutil.NoSuchProcess:
            continue
