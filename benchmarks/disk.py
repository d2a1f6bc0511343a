"""How fast frames are written and read, and which codec packs them best.

Run ``python benchmarks/disk.py`` from the repository, or name the part that is wanted, ``store``
or ``codecs``. ``--frames FOLDER`` adds pictures of one's own to those the renderer draws. One
thread. A store is compared with plain files of the same bytes, in turn within every repeat, since
the speed of a shared machine drifts; medians of the repeats are printed.
"""

import argparse
import os
import statistics
import sys
import tempfile
import time
from io import BytesIO
from pathlib import Path

for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS"):
    os.environ[_name] = "1"
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import numpy as np  # noqa: E402 - the thread counts must be set before

STEPS = 32


def pictures(folder=None, size=256, count=STEPS):
    """Return name → frames, uint8, (frames, height, width, 3)."""
    from PIL import Image

    from zollstock.worlds import get_world

    world, found = get_world("pets"), {}
    latents = world.sample(np.array([0]), np.array([1], dtype=np.uint64))
    for edge in (64, size):
        swept = world.do(latents, "fur_lightness", np.linspace(0, 1, count))
        found[f"drawn, {edge}×{edge}"] = world.render(swept, size=edge).frames
    files = sorted(folder.glob("*.png"))[:count] if folder else []
    if files:
        frames = np.stack([np.asarray(Image.open(file).convert("RGB")) for file in files])
        found[f"{folder.name}, {frames.shape[1]}×{frames.shape[2]}"] = frames
    return found


def forget(folder):
    """Make the disk hold all files and the page cache none of them."""
    os.sync()
    for file in Path(folder).rglob("*"):
        if file.is_file():
            handle = os.open(file, os.O_RDONLY)
            os.posix_fadvise(handle, 0, 0, os.POSIX_FADV_DONTNEED)
            os.close(handle)


def rates(ways, nbytes, repeats, before=lambda name: None):
    """Return name → median MB/s of processor time and of the clock, each way in turn."""
    taken = {name: [] for name in ways}
    for _ in range(repeats):
        for name, way in ways.items():
            before(name)
            clock, processor = time.perf_counter(), time.process_time()
            way()
            taken[name].append((time.process_time() - processor, time.perf_counter() - clock))
    return {
        name: [
            nbytes / 1e6 / max(statistics.median(column), 1e-9)
            for column in zip(*runs, strict=True)
        ]
        for name, runs in taken.items()
    }


def store(options):
    """Compare a store with plain files that hold the same paths.

    Once in the page cache, and once on the disk: written until it has them, read after the cache
    was emptied.
    """
    import zarr

    from zollstock.paths import EditPath, PathShape
    from zollstock.store import PathStore, plan_store

    print("\nStore of paths against plain files, MB/s of frames (of the processor, of the clock)")
    for picture, frames in pictures(options.frames).items():
        count = max(2, min(16, 60_000_000 // frames.nbytes))
        path = EditPath(frames, np.linspace(0, 1, len(frames)), frames[0])
        with tempfile.TemporaryDirectory(dir=options.folder) as folder:
            files = [Path(folder) / f"{row}.raw" for row in range(count)]
            stores = {}
            plan_store(Path(folder) / "paths.zarr", PathShape(*frames.shape[:3]), list("x" * count))
            stores["store"] = PathStore(Path(folder) / "paths.zarr", writable=True)
            bare = zarr.create_array(
                Path(folder) / "bare.zarr",
                shape=(count, *frames.shape),
                chunks=(1, *frames.shape),
                dtype="uint8",
                compressors=None,
                # Else every chunk is compared with the fill value first.
                config={"write_empty_chunks": True},
            )

            def write_files(files=files, frames=frames):
                for file in files:
                    file.write_bytes(frames.data)

            def read_files(files=files):
                for file in files:
                    np.frombuffer(file.read_bytes(), np.uint8)

            def write_bare(bare=bare, count=count, frames=frames):
                for row in range(count):
                    bare[row] = frames

            def read_bare(bare=bare, count=count):
                for row in range(count):
                    np.asarray(bare[row])

            def write_store(store=stores["store"], count=count, path=path):
                for row in range(count):
                    store.write(row, path, bytes(32))

            def read_store(store=stores["store"], count=count):
                for row in range(count):
                    store.read(row)

            def read_checked(store=stores["store"], count=count):
                digest = store.checksum(0).hex()
                for row in range(count):
                    store.read_checked(row, "x", digest)

            ways = {
                "write, plain files": write_files,
                "write, bare Zarr": write_bare,
                "write, store with checksum": write_store,
                "read, plain files": read_files,
                "read, bare Zarr": read_bare,
                "read, store": read_store,
                "read, store with checksum": read_checked,
            }
            for name, way in dict(ways).items():
                kind, what = name.split(", ")
                if kind == "write":
                    ways[f"write to disk, {what}"] = lambda way=way: (way(), os.sync())
                else:
                    ways[f"read from disk, {what}"] = way

            def before(name, folder=folder):
                if "disk" in name:
                    forget(folder)

            found = rates(ways, count * frames.nbytes, options.repeats, before)
            kept = sum(
                file.stat().st_size
                for file in (Path(folder) / "paths.zarr/frames").glob("c.*")
                if file.is_file()
            )
        print(f"{picture}: {count * frames.nbytes / kept:.2f} × smaller on disk")
        for way, (processor, clock) in found.items():
            plain = found[way.split(",")[0] + ", plain files"]
            print(
                f"  {way:42} {processor:7.0f} {clock:7.0f}   {clock / plain[1]:4.0%} of plain files"
            )


def codecs(options):
    """Compare lossless codecs."""
    from numcodecs import Blosc, Zstd
    from PIL import Image

    shuffles = {"none": Blosc.NOSHUFFLE, "bytes": Blosc.SHUFFLE, "bits": Blosc.BITSHUFFLE}

    def blosc(name, level, shuffle):
        codec = Blosc(name, level, shuffles[shuffle])
        return lambda frame: codec.encode(frame.reshape(-1)), codec.decode

    def pillow(kind, **arguments):
        def encode(frame):
            file = BytesIO()
            Image.fromarray(frame).save(file, kind, **arguments)
            return file.getvalue()

        return encode, lambda data: np.asarray(Image.open(BytesIO(data)))

    pictured = {
        "PNG 1": pillow("PNG", compress_level=1),
        "WebP, lossless": pillow("WebP", lossless=True, quality=0, method=0, exact=True),
    }
    ways = {
        **{f"zstd {n}": (Zstd(n).encode, Zstd(n).decode) for n in (1, 3)},
        **{
            f"blosc {name} {level}, shuffled: {shuffle}": blosc(name, level, shuffle)
            for name, level, shuffle in (
                *(("lz4", 1, "none"), ("lz4", 5, "bits"), ("zstd", 1, "none")),
                *(("zstd", 1, "bits"), ("zstd", 3, "bytes"), ("zstd", 3, "bits")),
            )
        },
        **pictured,
    }
    print("\nLossless codecs: ratio, MB/s of processor time")
    for name, frames in pictures(options.frames).items():
        print(f"{name}\n  {'codec':36} ratio   write    read")
        for codec, (encode, decode) in ways.items():
            # A chunk of the store is a path; pictures are packed one by one.
            chunks = list(frames) if codec in pictured else [frames]
            coded = [encode(chunk) for chunk in chunks]
            both = {
                "write": lambda chunks=chunks, encode=encode: [encode(c) for c in chunks],
                "read": lambda coded=coded, decode=decode: [decode(data) for data in coded],
            }
            for data, chunk in zip(coded, chunks, strict=True):
                assert bytes(np.ascontiguousarray(decode(data)).data) == chunk.tobytes(), codec
            found = rates(both, frames.nbytes, options.repeats)
            ratio = frames.nbytes / sum(map(len, coded))
            print(f"  {codec:36} {ratio:5.2f} {found['write'][0]:7.0f} {found['read'][0]:7.0f}")


def main():
    """Print what was asked for."""
    parts = {"store": store, "codecs": codecs}
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("parts", nargs="*", default=list(parts), metavar="PART")
    parser.add_argument("--frames", type=Path, help="folder of PNG files")
    parser.add_argument("--folder", type=Path, help="on the disk to be measured")
    parser.add_argument("--repeats", type=int, default=5)
    options = parser.parse_args()
    for name in options.parts:
        parts[name](options)


if __name__ == "__main__":
    main()
