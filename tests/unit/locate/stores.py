"""Paths of a few images on disk, as the stages before `locate` leave them."""

import json

import numpy as np

from zollstock.paths import EditPath, PathShape
from zollstock.store import PathStore, fingerprint, plan_store

SIZE = (10, 8)
STEPS = 4


def path(seed, axis=(0.0, 1.0, 2.0, 3.0)):
    """A path whose frames are of one grey each, so that they can be told after resizing."""
    grey = np.random.default_rng(seed).permutation(250)[: len(axis) + 1].astype(np.uint8)
    frames = np.broadcast_to(grey[:, None, None, None], (len(axis) + 1, *SIZE, 3)).copy()
    return EditPath(frames[:-1], np.asarray(axis, np.float64), frames[-1])


def write_paths(folder, name, paths, draws=(0,), **settings):
    """Write paths, image → draw → path (or a word: why it failed); return the manifest's file."""
    root = folder / f"{name}-1.zarr"
    shape = PathShape(STEPS, *SIZE)
    rows = plan_store(root, shape, list(paths), draws)
    store = PathStore(root, writable=True)
    entries = []
    for image, by_draw in paths.items():
        for draw, one in by_draw.items():
            entry = {"image": image, "draw": draw, "row": rows[image]}
            if isinstance(one, str):
                entries.append(entry | {"failed": one})
                continue
            done = store.write(rows[image], one, fingerprint({"engine": "test"}), draw)
            entries.append(entry | {"checksum": done.hex()})
    manifest = {
        "property": name,
        "settings": settings,
        "shape": shape._asdict(),
        "store": root.name,
        "images": entries,
    }
    file = folder / f"{name}.json"
    file.write_text(json.dumps(manifest))
    return file
