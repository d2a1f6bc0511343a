"""Work that goes on in a thread while what is done so far is looked at."""

import queue
import threading
from collections.abc import Callable, Iterator
from typing import TypeVar

Item = TypeVar("Item")


class Stopped(Exception):
    """Nobody waits for the work any more."""


def in_background(
    work: Callable[[Callable[[Item], None]], None],
    stop: threading.Event,
    ended: Callable[[], None],
) -> Iterator[Item]:
    """Yield what a piece of work tells, in order; what it raises is raised here.

    Parameters
    ----------
    work
        Is given a function that it calls with each step that is done. Once nobody waits any more
        that function raises `Stopped`, which ends the work.
    stop
        Set when the iterator is closed.
    ended
        Called when the work has ended, in its thread.
    """
    waiting: queue.Queue[Item | BaseException | None] = queue.Queue()

    def tell(item: Item) -> None:
        if stop.is_set():
            raise Stopped
        waiting.put(item)

    def run() -> None:
        end: BaseException | None = None
        try:
            work(tell)
        except Stopped:
            pass
        except BaseException as error:
            end = error
        finally:
            ended()
            waiting.put(end)

    threading.Thread(target=run, daemon=True).start()
    try:
        while (item := waiting.get()) is not None:
            if isinstance(item, BaseException):
                raise item
            yield item
    finally:
        stop.set()
