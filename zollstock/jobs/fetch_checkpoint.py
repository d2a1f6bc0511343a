"""Download an editor's or a model's weights and configs: the one job that uses the network."""

from pathlib import Path

from zollstock.engines.diffusion.checkpoints import checksum
from zollstock.engines.diffusion.fetching import commit_of, fetch
from zollstock.engines.diffusion.places import FETCHED
from zollstock.files import read_json, write_json

_INDEX = {"editor": "model_index.json", "model": "config.json"}


def fetch_checkpoint(
    *, checkpoint: str, revision: str | None, note: Path, kind: str = "editor"
) -> None:
    """Fetch a checkpoint into the folder of its note, and note what it is.

    A folder that was copied there by hand is taken as it is: its note names no commit unless
    the revision is one.

    Parameters
    ----------
    checkpoint
        Hugging Face id.
    revision
        A commit, or a branch or tag, which is resolved to the commit it stands for now.
    kind
        ``editor``, a pipeline of diffusers, or ``model``, a folder of transformers.
    note
        `FETCHED` in the checkpoint's folder; written last. It carries ``checkpoint``,
        ``revision`` as it was asked for, ``commit`` and ``sha256`` of what lies there.
    """
    assert note.name == FETCHED
    there = (note.parent / _INDEX[kind]).is_file()
    commit = commit_of(checkpoint, revision, note.parent, ask=not there)
    if not there:
        assert commit is not None, "whoever asks gets a commit or an error"
        fetch(checkpoint, commit, note.parent, kind)
    elif commit is None and note.is_file():
        commit = read_json(note).get("commit")
    found = {"checkpoint": checkpoint, "revision": revision, "commit": commit}
    write_json(found | {"sha256": checksum(note.parent)}, note)
