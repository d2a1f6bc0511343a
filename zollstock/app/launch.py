"""How the page is served: to this machine alone, without a word to any other."""

import atexit
import os
import shutil
import tempfile
import traceback
from collections.abc import Callable, Iterator
from functools import wraps
from html import escape
from inspect import isgeneratorfunction
from typing import Any, TypeVar

from zollstock.errors import ZollstockError

HOST = "127.0.0.1"
LARGEST_UPLOAD = 20 * 2**20
"""Bytes."""
LARGEST_PICTURE = 25_000_000
"""Pixels; a picture of more is refused before it is unpacked."""
KEPT = 3600
"""Seconds that a visitor's files are kept at least."""
VISITORS = 200
"""Whose state is kept at most; the one who was away longest is forgotten first."""
TOGETHER = 4
"""Requests that are answered at the same time, beside those that compute."""

Answer = TypeVar("Answer", bound=Callable[..., Any])


def keep_to_itself() -> None:
    """Set what gradio and Hugging Face's libraries read when they are imported.

    Called before either is: the page's files lie in a folder that only this user can read.
    """
    os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
    os.environ["HF_HUB_OFFLINE"] = "1"
    os.environ["HF_HUB_DISABLE_TELEMETRY"] = "1"
    os.environ["DO_NOT_TRACK"] = "1"
    os.environ["GRADIO_SSR_MODE"] = "False"
    folder = tempfile.mkdtemp(prefix="zollstock-app-")  # of mode 0700
    os.environ["GRADIO_TEMP_DIR"] = folder
    atexit.register(shutil.rmtree, folder, ignore_errors=True)


def told(answer: Answer) -> Answer:
    """Let what goes wrong become a message on the page, for a function or a generator.

    The terminal has the traceback of what is no user's mistake.
    """
    import gradio as gr

    def message(error: Exception) -> gr.Error:
        if isinstance(error, gr.Error):
            return error
        if isinstance(error, ZollstockError):
            words, title = escape(str(error)), "This cannot be done"
        else:
            traceback.print_exception(error)
            words = "Something unforeseen went wrong; the terminal says what. Please report it."
            title = "A fault of the page"
        return gr.Error(words, title=title, print_exception=False)

    if isgeneratorfunction(answer):

        @wraps(answer)
        def steps(*given: Any, **named: Any) -> Iterator[Any]:  # noqa: ANN401
            try:
                yield from answer(*given, **named)
            except Exception as error:
                raise message(error) from None

        return steps  # type: ignore[return-value]

    @wraps(answer)
    def once(*given: Any, **named: Any) -> Any:  # noqa: ANN401
        try:
            return answer(*given, **named)
        except Exception as error:
            raise message(error) from None

    return once  # type: ignore[return-value]


def serve(page: Any, port: int, *, wait: bool = True) -> str:  # noqa: ANN401 - gradio's
    """Serve the page and return its address.

    Parameters
    ----------
    page
        Gradio's blocks.
    port
        0 for any that is free.
    wait
        Whether to go on until the user stops it.

    Raises
    ------
    ZollstockError
        If the port is taken.
    """
    from zollstock.app.looks import head, style, theme

    page.queue(default_concurrency_limit=TOGETHER, max_size=64)
    try:
        page.launch(
            server_name=HOST,
            server_port=port or _free_port(),
            share=False,
            inbrowser=False,
            quiet=True,
            show_error=False,
            prevent_thread_lock=True,
            footer_links=[],
            allowed_paths=[],
            max_file_size=LARGEST_UPLOAD,
            state_session_capacity=VISITORS,
            enable_monitoring=False,
            ssr_mode=False,
            mcp_server=False,
            pwa=False,
            theme=theme(),
            css=style(),
            head=head(),
        )
    except OSError:
        raise ZollstockError(
            "--port", f"{port} is taken", "a port that is free", "Name another one, or 0 for any."
        ) from None
    address = str(page.local_url)
    if wait:
        print(f"The page is at {address} and can be seen from this machine alone; Ctrl-C stops it.")
        page.block_thread()
    return address


def _free_port() -> int:
    import socket

    with socket.socket() as found:
        found.bind((HOST, 0))
        return int(found.getsockname()[1])
