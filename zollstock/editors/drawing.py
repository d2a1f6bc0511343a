"""Drawing training pairs in many processes, the same ones however many there are.

Pairs are drawn in pieces of `PIECE` sources. A piece's seed is a hash of its number, so that
whoever draws it draws the same. Workers are programs of their own (`python -m
zollstock.editors.drawing`), not forks: a fork of a process that holds a GPU or threads may hang,
and a spawned one would run the job's script again.
"""

import json
import os
import pickle
import subprocess
import sys
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from queue import SimpleQueue
from typing import IO, Any

import numpy as np

import zollstock
from zollstock.editors.pairs import Pairs, draw_pairs

PIECE = 50
"""Sources in a piece: about a second of one core."""


@contextmanager
def rounds_of_pairs(
    *,
    sources: int,
    processes: int,
    seed: tuple[object, ...],
    **settings: Any,  # noqa: ANN401
) -> Iterator[Iterator[Pairs]]:
    """Open an endless series of rounds of pairs, drawn ahead by so many processes.

    Parameters
    ----------
    sources
        Sources in a round.
    processes
        How many draw; 1 draws in this process, when a round is asked for.
    seed
        Names the series.
    **settings
        Of `zollstock.editors.pairs.draw_pairs`.

    Yields
    ------
    iterator of Pairs
        Round after round. It does not depend on `processes`.
    """
    lengths = [min(PIECE, sources - start) for start in range(0, sources, PIECE)]

    def request(number: int) -> dict[str, Any]:
        turn, piece = divmod(number, len(lengths))
        return settings | {"sources": lengths[piece], "seed": [*seed, turn, piece]}

    if processes <= 1:
        yield _rounds(lambda number: _draw(request(number)), len(lengths))
        return
    with _workers(processes) as idle, ThreadPoolExecutor(processes) as pool:
        waiting: deque[Future[Pairs]] = deque()

        def ahead(number: int) -> Pairs:
            # The round that is used now, the next one, and something for every worker.
            while len(waiting) < len(lengths) + processes:
                waiting.append(pool.submit(_ask, idle, request(number + len(waiting))))
            return waiting.popleft().result()

        try:
            yield _rounds(ahead, len(lengths))
        finally:
            for future in waiting:
                future.cancel()


def _rounds(draw: Any, pieces: int) -> Iterator[Pairs]:  # noqa: ANN401 - a function of a number
    number = 0
    while True:
        yield _joined([draw(number + piece) for piece in range(pieces)])
        number += pieces


def _joined(pieces: list[Pairs]) -> Pairs:
    starts = np.cumsum([0, *(len(piece.images) for piece in pieces[:-1])])
    return Pairs(
        np.concatenate([piece.images for piece in pieces]),
        np.concatenate([piece.source + at for piece, at in zip(pieces, starts, strict=True)]),
        np.concatenate([piece.target + at for piece, at in zip(pieces, starts, strict=True)]),
        np.concatenate([piece.text for piece in pieces]),
    )


def _draw(request: dict[str, Any]) -> Pairs:
    return draw_pairs(**request | {"seed": tuple(request["seed"])})


Worker = subprocess.Popen[bytes]


@contextmanager
def _workers(count: int) -> Iterator["SimpleQueue[Worker]"]:
    """Start workers, each of one thread, and end them afterwards."""
    root = str(Path(zollstock.__file__).parents[1])
    places = os.pathsep.join(filter(None, [root, os.environ.get("PYTHONPATH")]))
    threads = {f"{name}_NUM_THREADS": "1" for name in ("OMP", "MKL", "OPENBLAS", "NUMBA")}
    started = [
        subprocess.Popen(
            [sys.executable, "-m", "zollstock.editors.drawing"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=os.environ | threads | {"PYTHONPATH": places},
        )
        for _ in range(count)
    ]
    idle: SimpleQueue[Worker] = SimpleQueue()
    for worker in started:
        idle.put(worker)
    try:
        yield idle
    finally:
        for worker in started:
            worker.kill()
            worker.communicate()


def _ask(idle: "SimpleQueue[Worker]", request: dict[str, Any]) -> Pairs:
    """Let the next idle worker draw a piece."""
    worker = idle.get()
    assert worker.stdin is not None and worker.stdout is not None, "both are pipes"
    try:
        worker.stdin.write(json.dumps(request).encode() + b"\n")
        worker.stdin.flush()
        found = pickle.load(worker.stdout)
    except (EOFError, BrokenPipeError) as error:
        status = worker.wait()
        raise RuntimeError(f"a process that draws pairs ended with status {status}") from error
    finally:
        # A dead one too: whoever waits for a worker must find out.
        idle.put(worker)
    assert isinstance(found, Pairs)
    return found


def serve(requests: IO[bytes], answers: IO[bytes]) -> None:
    """Draw a piece for every line of settings, until there are no more."""
    for line in requests:
        pickle.dump(_draw(json.loads(line)), answers, protocol=5)
        answers.flush()


if __name__ == "__main__":
    serve(sys.stdin.buffer, sys.stdout.buffer)
