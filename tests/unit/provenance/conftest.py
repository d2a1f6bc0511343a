"""A small study's results, and the record of them."""

import json
from pathlib import Path

import numpy as np
import pytest

from zollstock.files import sha256_of, write_json
from zollstock.inference.seals import write_seal
from zollstock.paths import EditPath, PathShape
from zollstock.provenance.crate import METADATA, crate
from zollstock.provenance.record import RECORD, write_record
from zollstock.store import PathStore, change_checksum, plan_store

SETTINGS = {
    "study": "small",
    "seed": 3,
    "images": {"source": "csv", "path": "/data/cats/images.csv"},
    "properties": {"fur": {"engine": "frames", "path": "/data/cats/{image}"}},
    "models": {"zebra": {"weights": None}, "ant": {"weights": "weights.bin"}},
}


def put(path, content):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def make_results(folder):
    """Write results as the rules do, and return them by part."""
    put(folder / "images/pixels/a.png", b"pixels")
    put(folder / "scores/summary.csv", "model,score\nzebra,1\n")
    table = put(folder / "images/images.csv", "id,sha256,source\na,00,a.png\n")
    card = {"family": "convmixer", "parameters": 7, "sha256": "ab"}
    cards = [folder / f"models/{name}.json" for name in SETTINGS["models"]]
    for file in cards:
        write_json(card, file)
    put(folder / "figures/summary.png", b"\x89PNG")
    put(folder / "figures/fur/paths/a.png", b"\x89PNG card")
    group = folder / "predictions/fur/zebra.zarr"
    facts = {"device": "cpu", "precision": "float32", "batch_size": 4}
    put(group / "zarr.json", json.dumps({"attributes": {"facts": facts}}))
    put(group / "logits/c/0", b"\x00" * 64)
    write_seal(group, None)
    put(group / ".snakemake_timestamp", "now")
    store = folder / "interventions/fur.zarr"
    rows = plan_store(store, PathShape(2, 4, 4), ["a", "b"])
    frames = np.arange(96, dtype=np.uint8).reshape(2, 4, 4, 3)
    entries = []
    for name, row in rows.items():
        # Of the second image the last frame is darker.
        path = EditPath(
            frames // np.array([1, 1 + row], np.uint8)[:, None, None, None],
            np.array([0.0, 1.0]),
            frames[0],
        )
        writing = PathStore(store, writable=True)
        done = writing.write(row, path, bytes(32))
        change = change_checksum(writing.change(row, name))
        entries.append(
            {"image": name, "draw": 0, "row": row, "checksum": done.hex(), "change": change}
        )
    entries.append({"image": "c", "draw": 0, "failed": "NaN"})
    write_json(
        {"property": "fur", "seed": 3, "store": store.name, "images": entries},
        store.with_suffix(".json"),
    )
    return {
        "tables": [table, *cards, store.with_suffix(".json"), folder / "scores/summary.csv"],
        "figures": [folder / "figures/summary.png", folder / "figures/fur/paths"],
        "predictions": [group],
        "frames": [folder / "images/pixels"],
    }


def make_code(root):
    """Write what looks like a checkout."""
    put(root / "Snakefile", "rule all:\n")
    put(root / "zollstock/__init__.py", "")
    put(root / "zollstock/__pycache__/x.pyc", b"x")
    put(root / "workflow/scripts/score.py", "print()\n")
    return root


def record_of(results, root, parts, **changes):
    put(Path("weights.bin"), b"weights")
    how = {"environments": "one for all rules", "checkpoints": {}} | changes
    return write_record(results, root, SETTINGS, parts, {"snakemake": "9.27.1"}, **how)


@pytest.fixture
def study(tmp_path, monkeypatch):
    """The folder of a recorded study's results, reached from where Snakemake runs."""
    monkeypatch.chdir(tmp_path)
    results = Path("results/small")
    parts = make_results(results)
    record = record_of(results, make_code(tmp_path / "code"), parts)
    digest = sha256_of(results / RECORD)
    metadata = crate(record, digest, {"record", *parts}, "2026-01-02", "CC-BY-4.0")
    write_json(metadata, results / METADATA)
    return results
