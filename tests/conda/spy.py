"""Installed into an environment as `sitecustomize.py`: notes where a script's modules came from.

Python imports it at every start. When a script of the workflow ends, it writes
`<rule>-<process>.json` into the folder that ZOLLSTOCK_SPY names.
"""

import atexit
import json
import os
import sys

FOLDER = os.environ.get("ZOLLSTOCK_SPY")


def note():
    """Write down this process, if it ran a rule's script."""
    job = getattr(sys.modules["__main__"], "snakemake", None)
    if job is None or not hasattr(job, "rule"):
        return
    found = {
        "rule": job.rule,
        "prefix": sys.prefix,
        "base": sys.base_prefix,
        "modules": {
            name: module.__file__
            for name, module in list(sys.modules.items())
            # Some modules are no files and name themselves so, as torch.ops does.
            if os.path.isabs(getattr(module, "__file__", None) or "") and name != "__main__"  # noqa: PTH117
        },
    }
    with open(os.path.join(FOLDER, f"{job.rule}-{os.getpid()}.json"), "w") as file:  # noqa: PTH118, PTH123
        json.dump(found, file)


if FOLDER:
    atexit.register(note)
