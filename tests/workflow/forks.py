"""Snakemake runs that share one start of Snakemake: half of a short run is importing it.

A process imports Snakemake and waits; every run is a fork of it, which does what
`python -m snakemake` does. zollstock is imported by the fork, so that each run may have another
checkout.
"""

import json
import os
import selectors
import signal
import subprocess
import sys
from contextlib import suppress

SERVER = """
import json, os, sys
import pydantic, smart_open, snakemake.cli, snakemake.report
snakemake.cli.get_argument_parser()  # imports the plugins
for line in sys.stdin:
    call = json.loads(line)
    child = os.fork()
    if not child:
        break
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
else:
    sys.exit()
written = os.open(call["text"], os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
for stream, file in ((0, os.open(os.devnull, os.O_RDONLY)), (1, written), (2, written)):
    os.dup2(file, stream)
os.environ.clear()
os.environ.update(call["environ"])
os.chdir(call["folder"])
sys.argv[1:] = call["arguments"]
snakemake.cli.main()
"""


class Forks:
    """The process that forks; it is started by the first run and ends with this process."""

    def __init__(self):
        self.server = None

    def run(self, arguments, folder, text, timeout):
        """Run Snakemake in a folder, write what it prints to a file, and return its exit code."""
        if self.server is None or self.server.poll() is not None:
            self.server = subprocess.Popen(
                [sys.executable, "-c", SERVER],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
                start_new_session=True,
            )
        call = {
            "arguments": [str(argument) for argument in arguments],
            "folder": str(folder),
            "text": str(text),
            "environ": dict(os.environ),
        }
        try:
            print(json.dumps(call), file=self.server.stdin, flush=True)
            with selectors.DefaultSelector() as answers:
                answers.register(self.server.stdout, selectors.EVENT_READ)
                if not answers.select(timeout):
                    raise subprocess.TimeoutExpired(["snakemake", *arguments], timeout)
            answer = self.server.stdout.readline()
            assert answer, "the process that forks has ended"
            return int(answer)
        except BaseException:  # an interrupt by the user as well: nothing may run on
            self.end()
            raise

    def end(self):
        """Kill the process, and with it the run and its jobs."""
        with suppress(ProcessLookupError):
            os.killpg(self.server.pid, signal.SIGKILL)
        self.server.wait()
        self.server = None


FORKS = Forks()
