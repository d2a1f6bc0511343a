"""A stand-in for `conda`: as much of its command line as Snakemake calls.

Environments are solved for and installed by rattler, from one channel in a folder whatever
channels a file names; the `pip:` part is installed by the environment's own pip, as conda does.
"""

import argparse
import asyncio
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

VERSION = "24.7.1"

ACTIVATE = """\
export CONDA_PREFIX="$1"
export PATH="$1/bin:$PATH"
"""


def set_up(folder: Path, channel: Path) -> Path:
    """Write the command `conda` and its activation script below `folder`; return its bin folder."""
    binaries = folder / "bin"
    binaries.mkdir(parents=True)
    (binaries / "activate").write_text(ACTIVATE)
    command = binaries / "conda"
    call = f'"{sys.executable}" "{Path(__file__).resolve()}" "{folder}" "{channel}" "$@"'
    command.write_text(f"#!/bin/sh\nexec {call}\n")
    command.chmod(0o755)
    return binaries


def main() -> None:
    """Answer one call."""
    base, channel, *words = sys.argv[1:]
    match words:
        case ["--version"]:
            print(f"conda {VERSION}")
        case ["info", "--json"]:
            print(json.dumps({"conda_prefix": base, "platform": "linux-64"}))
        case ["config", "--get", "channel_priority", "--json"]:
            print(json.dumps({"get": {"channel_priority": "strict"}}))
        case ["env", "create", *rest]:
            _create(Path(channel), Path(base) / "packages", rest)
        case ["clean", *_]:
            pass
        case _:
            sys.exit(f"the stand-in for conda does not know: {' '.join(words)}")


def _create(channel: Path, cache: Path, words: list[str]) -> None:
    import yaml
    from rattler import install, solve

    options = argparse.ArgumentParser()
    options.add_argument("--quiet", action="store_true")
    options.add_argument("--no-default-packages", action="store_true")
    options.add_argument("--file", type=Path, required=True)
    options.add_argument("--prefix", type=Path, required=True)
    given = options.parse_args(words)
    wanted = yaml.safe_load(given.file.read_text())["dependencies"]
    specs = [spec for spec in wanted if isinstance(spec, str)]
    by_pip = [line for spec in wanted if isinstance(spec, dict) for line in spec["pip"]]

    async def create() -> None:
        records = await solve([channel.as_uri()], specs, platforms=["noarch"])
        await install(records, given.prefix, cache_dir=cache, show_progress=False)

    asyncio.run(create())
    if by_pip:
        with tempfile.NamedTemporaryFile("w", suffix=".txt") as file:
            file.write("\n".join(by_pip))
            file.flush()
            subprocess.run(
                [given.prefix / "bin" / "python", "-m", "pip", "install", "-q", "-r", file.name],
                check=True,
                env={name: value for name, value in os.environ.items() if name != "PYTHONPATH"},
            )


if __name__ == "__main__":
    main()
    sys.stdout.flush()
    # rattler's threads can crash the interpreter while it takes itself down.
    os._exit(0)
