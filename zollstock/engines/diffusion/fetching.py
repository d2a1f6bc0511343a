"""Downloading checkpoints from the Hugging Face hub. Imported by the fetching job alone."""

import re
from pathlib import Path

from huggingface_hub import HfApi, snapshot_download

from zollstock.errors import ZollstockError

_COMMIT = re.compile(r"[0-9a-f]{40}")


def commit_of(checkpoint: str, revision: str | None, folder: Path, *, ask: bool) -> str | None:
    """Return the commit that a revision stands for.

    Parameters
    ----------
    checkpoint
        Hugging Face id.
    revision
        A whole commit is returned as it is; a branch, a tag or the beginning of a commit is
        looked up, and so is None, the main branch.
    folder
        Where the checkpoint belongs, for the message.
    ask
        Whether the hub may be asked; if not, None is returned for all but a commit.

    Raises
    ------
    ZollstockError
        If the network, the repository or the revision cannot be reached.
    """
    if revision and _COMMIT.fullmatch(revision):
        return revision
    if not ask:
        return None
    try:
        return HfApi().model_info(checkpoint, revision=revision).sha
    except Exception as error:  # the hub's client lets errors of its HTTP library through
        raise _unreachable(checkpoint, revision, error, folder) from None


_FILES = {
    "editor": ["*.json", "*.txt", "*.model", "*/*.safetensors", "*/*.json"],
    "model": ["*.json", "*.txt", "*.model", "*.safetensors"],
}


def fetch(checkpoint: str, revision: str | None, folder: Path, kind: str = "editor") -> None:
    """Download a checkpoint's safetensors weights and configs into `folder`.

    Of a model that has no safetensors its ``pytorch_model.bin`` is fetched.

    Parameters
    ----------
    checkpoint, revision
        Hugging Face id and commit.
    folder
        Where it goes.
    kind
        ``editor``, whose parts have a folder each, or ``model``.

    Raises
    ------
    ZollstockError
        If the network or the repository cannot be reached.
    """
    try:
        _download(checkpoint, revision, folder, _FILES[kind])
        if kind == "model" and not any(folder.glob("*.safetensors")):
            _download(checkpoint, revision, folder, ["pytorch_model*.bin"])
    except Exception as error:  # as above
        raise _unreachable(checkpoint, revision, error, folder) from None


def _download(checkpoint: str, revision: str | None, folder: Path, files: list[str]) -> None:
    snapshot_download(
        checkpoint,
        revision=revision,
        local_dir=folder,
        allow_patterns=files,
        # Half-precision twins would double the download.
        ignore_patterns=["*.fp16.*", "*.non_ema.*"],
    )


def _unreachable(
    checkpoint: str, revision: str | None, error: Exception, folder: Path
) -> ZollstockError:
    reason = str(error).strip().splitlines()[0] if str(error).strip() else repr(error)
    return ZollstockError(
        f"checkpoint {checkpoint}" + (f" at revision {revision}" if revision else ""),
        f"cannot be fetched ({reason})",
        "a network connection and an existing repository and revision",
        f"Check both, or copy https://huggingface.co/{checkpoint} into {folder}.",
    )
