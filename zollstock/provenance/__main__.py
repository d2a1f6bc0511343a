"""Compare a study's results with their record: ``python -m zollstock.provenance RESULTS``."""

import sys
from pathlib import Path

from zollstock.errors import ZollstockError
from zollstock.provenance.verify import verify

USAGE = "usage: python -m zollstock.provenance results/STUDY"


def main(arguments: list[str]) -> int:
    """Print what was changed or is missing; return 0 if nothing is, else 1."""
    if len(arguments) != 1 or arguments[0].startswith("-"):
        print(USAGE, file=sys.stderr)
        return 2
    results = Path(arguments[0])
    try:
        verdict = verify(results)
    except ZollstockError as error:
        print(f"zollstock: {error}", file=sys.stderr)
        return 1
    for state in ("changed", "missing"):
        for name in getattr(verdict, state):
            print(f"{state}: {results / name}")
    left = f", {len(verdict.left_out)} not packed" if verdict.left_out else ""
    wrong = len(verdict.changed) + len(verdict.missing)
    print(f"{len(verdict.same)} as recorded, {wrong} not{left}")
    return 0 if verdict.ok else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
