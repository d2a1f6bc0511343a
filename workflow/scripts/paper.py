"""Run the studies of the paper one after the other; each is a Snakemake of its own."""

import sys
from pathlib import Path

cfg = snakemake.params.cfg
sys.path.insert(0, cfg["root"])

from zollstock.plan.paper import run_paper  # noqa: E402

found = run_paper((), cfg["arguments"], Path(cfg["root"]), cfg["python"])
Path(snakemake.log[0]).write_text(
    "".join(f"{name}: {what}\n" for name, what in found.items()), encoding="utf-8"
)
sys.exit(int(any(what != "done" for what in found.values())))
