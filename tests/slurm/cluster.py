"""A real Slurm on this host: a controller and three nodes, one of them with a pretended GPU.

It has its own folder, key and ports. The job steps of Snakemake look for its configuration in
/etc/slurm, so a host with a Slurm of its own gets none. There is no systemd, no cgroups and no
accounting; memory limits are enforced by sampling.
"""

import os
import re
import secrets
import shutil
import socket
import subprocess
import tempfile
import time
from contextlib import ExitStack, suppress
from pathlib import Path

import psutil

PACKAGES = ["slurmctld", "slurmd", "slurm-client", "munge"]
PROGRAMS = ["slurmctld", "slurmd", "munged", "sbatch", "squeue", "scontrol", "scancel", "sinfo"]
NODES = ["cpu1", "cpu2", "gpu1"]
ETC = Path("/etc/slurm")
FILES = ["slurm.conf", "gres.conf"]
PREFIX = "zollstock-slurm-"
DEAD_AFTER = 10
"""Seconds without an answer after which Slurm takes a node for dead."""

CONFIG = """\
ClusterName=zollstock
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort={ports[0]}
SlurmUser=root
AuthType=auth/munge
AuthInfo=socket={folder}/munge.socket
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/%n
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/%n.pid
SlurmctldLogFile={folder}/slurmctld.log
SlurmdLogFile={folder}/%n.log
SlurmdParameters=config_overrides
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/linux
JobAcctGatherFrequency=task=1
JobAcctGatherParams=UsePss,OverMemoryKill
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU_Memory
GresTypes=gpu
MpiDefault=none
EnforcePartLimits=ALL
MinJobAge=3600
ReturnToService=2
KillWait=2
SlurmdTimeout={dead_after}
NodeName=DEFAULT CPUs=8 RealMemory=64000
NodeName=cpu1 NodeHostname={host} NodeAddr=127.0.0.1 Port={ports[1]} Weight=2
NodeName=cpu2 NodeHostname={host} NodeAddr=127.0.0.1 Port={ports[2]} Weight=1
NodeName=gpu1 NodeHostname={host} NodeAddr=127.0.0.1 Port={ports[3]} Gres=gpu:1
PartitionName=cpu Nodes=cpu[1-2] Default=YES MaxTime=1-0
PartitionName=gpu Nodes=gpu1 MaxTime=1-0
"""


class Unavailable(Exception):
    """Why there can be no cluster here."""


def install():
    """Install Slurm's Debian packages where it is missing.

    Raises
    ------
    Unavailable
        If it is missing and cannot be installed.
    """
    if not Path("/proc/self/stat").exists():
        raise Unavailable("Slurm runs on Linux only")
    if os.geteuid() != 0:
        raise Unavailable("starting Slurm's daemons needs root")
    for name in FILES:
        if (ETC / name).exists() and PREFIX not in str((ETC / name).resolve()):
            raise Unavailable(f"this host has a Slurm of its own ({ETC / name})")
    if all(shutil.which(program) for program in PROGRAMS):
        return
    if not shutil.which("apt-get"):
        raise Unavailable("Slurm is not installed, and there is no apt-get")
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for arguments in (["update"], ["install", "--yes", "--no-install-recommends", *PACKAGES]):
        try:
            subprocess.run(
                ["apt-get", *arguments],
                env=quiet,
                capture_output=True,
                text=True,
                timeout=900,
                check=True,
            )
        except subprocess.TimeoutExpired:
            raise Unavailable("installing Slurm's Debian packages took too long") from None
        except subprocess.CalledProcessError as error:
            reason = (error.stderr.strip().splitlines() or ["no reason given"])[-1]
            raise Unavailable(f"Slurm's Debian packages cannot be installed: {reason}") from None


def wait_until(condition, seconds, what):
    """Return the first true value of `condition`, or fail after some seconds."""
    until = time.monotonic() + seconds
    while not (value := condition()):
        if time.monotonic() > until:
            raise AssertionError(f"waited {seconds} s in vain for: {what}")
        time.sleep(0.1)
    return value


class Cluster:
    """Starts with `start` and ends with `stop`; `env` is what its commands need."""

    def __init__(self):
        # A short path: the socket's name may have 107 characters.
        self.folder = Path(tempfile.mkdtemp(prefix=PREFIX))
        # Jobs inherit the second: it tells them from all other processes.
        self.env = {"SLURM_CONF": str(ETC / FILES[0]), "ZOLLSTOCK_CLUSTER": str(self.folder)}
        self.daemons = {}

    def start(self):
        """Start all daemons and wait for the nodes."""
        for name in ("state", "run", *NODES):
            (self.folder / name).mkdir()
        key = self.folder / "munge.key"
        key.write_bytes(secrets.token_bytes(128))
        key.chmod(0o400)
        text = CONFIG.format(
            host=socket.gethostname().split(".")[0],
            folder=self.folder,
            ports=_free_ports(4),
            dead_after=DEAD_AFTER,
        )
        (self.folder / "slurm.conf").write_text(text)
        (self.folder / "gres.conf").write_text("NodeName=gpu1 Name=gpu File=/dev/null\n")
        ETC.mkdir(exist_ok=True)
        for name in FILES:
            (ETC / name).unlink(missing_ok=True)  # a killed run leaves its own
            (ETC / name).symlink_to(self.folder / name)
        munge = [
            *("munged", "--foreground", "--force", f"--key-file={key}"),
            *(f"--{kind}-file={self.folder}/munge.{kind}" for kind in ("pid", "log", "seed")),
            f"--socket={self.folder}/munge.socket",
        ]
        self._start("munged", munge)
        wait_until((self.folder / "munge.socket").exists, 100, "munged")
        self._start("slurmctld", ["slurmctld", "-D"])
        for node in NODES:
            self.start_node(node)
        idle = dict.fromkeys(NODES, "idle")
        try:
            wait_until(lambda: self.states() == idle, 300, "the nodes")
        except AssertionError as error:
            error.add_note("".join(file.read_text() for file in self.folder.glob("*.out")))
            raise

    def start_node(self, node):
        """Start a node's daemon."""
        self._start(node, ["slurmd", "-D", "-N", node])

    def kill_node(self, node):
        """Take a node's power: its daemon and all its jobs end at once."""
        self.daemons.pop(node).kill()
        self._kill_processes(node)

    def stop(self):
        """End jobs and daemons and remove the folder."""
        with suppress(subprocess.SubprocessError, OSError):
            self.run("scancel", "--user=root", timeout=10)
            wait_until(lambda: not self.jobs("RUNNING,COMPLETING"), 15, "the last jobs")
        for node in NODES:
            self._kill_processes(node)
        for daemon in reversed(self.daemons.values()):
            daemon.terminate()
        for daemon in self.daemons.values():
            try:
                daemon.wait(10)
            except subprocess.TimeoutExpired:
                daemon.kill()
        for name in FILES:
            (ETC / name).unlink(missing_ok=True)
        shutil.rmtree(self.folder, ignore_errors=True)

    def run(self, *command, timeout=300):
        """Return what a Slurm command prints."""
        done = subprocess.run(
            command,
            env={**os.environ, **self.env},
            capture_output=True,
            text=True,
            timeout=timeout,
            check=True,
        )
        return done.stdout

    def states(self):
        """Node → state; empty while the controller does not answer yet."""
        with suppress(subprocess.SubprocessError):
            lines = self.run("sinfo", "--noheader", "--Node", "--format=%N %T").splitlines()
            return dict(line.split() for line in lines)
        return {}

    def jobs(self, states="all"):
        """All jobs, oldest first, as squeue describes them; Snakemake's comment is the rule."""
        fields = ["JobID", "Name", "State", "Comment", "NodeList", "Partition", "TimeLimit"]
        fields += ["MinMemory"]
        layout = ",".join(f"{field}:|" for field in fields)
        text = self.run("squeue", "--noheader", f"--states={states}", f"--Format={layout}")
        rows = [line.split("|")[: len(fields)] for line in text.splitlines()]
        return sorted(
            (dict(zip(fields, (cell.strip() for cell in row), strict=True)) for row in rows),
            key=lambda job: int(job["JobID"]),
        )

    def _start(self, name, command):
        with (self.folder / f"{name}.out").open("w") as out:
            self.daemons[name] = subprocess.Popen(
                # It ends with this process, however that ends.
                ["setpriv", "--pdeathsig", "TERM", *command],
                env={**os.environ, **self.env},
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def _kill_processes(self, node):
        """Kill what runs on a node beside its daemon: the keepers of jobs, and the jobs."""
        # Jobs carry the cluster's and the node's name, keepers only a job's number.
        ours, numbers = [], set()
        for process in psutil.process_iter():
            with suppress(psutil.Error):
                variables = process.environ()
                if (
                    variables.get("ZOLLSTOCK_CLUSTER") == str(self.folder)
                    and variables.get("SLURMD_NODENAME") == node
                ):
                    ours.append(process)
                    numbers.add(variables.get("SLURM_JOB_ID"))
        for process in psutil.process_iter():
            with suppress(psutil.Error):
                keeper = re.match(r"slurmstepd: \[(\d+)\.", " ".join(process.cmdline()))
                if keeper and keeper[1] in numbers:
                    ours.append(process)
        # All stop before one is killed: a keeper that sees its job end reports a failed job
        # instead of a dead node.
        for end in (psutil.Process.suspend, psutil.Process.kill):
            for process in reversed(ours):
                with suppress(psutil.Error):
                    end(process)


def _free_ports(count):
    """Adjacent free ports, the first for the controller."""
    for first in range(17100, 30000, count):
        with ExitStack() as stack, suppress(OSError):
            for port in range(first, first + count):
                stack.enter_context(socket.socket()).bind(("127.0.0.1", port))
            return list(range(first, first + count))
    raise Unavailable("no free ports")
