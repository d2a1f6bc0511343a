"""``python -m zollstock.app [results/mine …]``."""

import signal
import sys

from zollstock.app.launch import keep_to_itself, serve
from zollstock.app.start import parse
from zollstock.errors import ZollstockError


def main() -> int:
    """Serve the page until it is stopped; return the exit code."""
    # So that what is to be done at the end is done.
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(0))
    try:
        start = parse()
        keep_to_itself()
        from zollstock.app.page import build

        serve(build(start), start.port)
    except ZollstockError as error:
        print(error, file=sys.stderr)
        return 1
    except ImportError as error:
        if error.name is None or error.name.partition(".")[0] != "gradio":
            raise
        print("The page needs gradio: pip install 'zollstock[app]'.", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
