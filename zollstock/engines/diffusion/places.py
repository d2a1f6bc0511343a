"""Where editors' checkpoints lie. Standard library only: the workflow's plan asks too."""

from pathlib import Path

SHIPPED = Path(__file__).resolve().parents[3] / "resources" / "editors"
"""Small editors that come with the project, known by the names of their folders."""

CHECKPOINTS = Path("resources/checkpoints")
"""Where prefetched checkpoints lie unless a study says otherwise."""

FETCHED = "fetched.json"
"""Written into a checkpoint's folder once all of it is there."""


def folder_of(checkpoint: str, revision: str | None, root: Path = CHECKPOINTS) -> Path:
    """Return the folder a checkpoint is in or belongs into.

    Parameters
    ----------
    checkpoint
        A local folder, or a Hugging Face id such as ``timbrooks/instruct-pix2pix``.
    revision
        Commit of a Hugging Face repository.
    root
        Where prefetched checkpoints lie.
    """
    local = Path(checkpoint)
    if (SHIPPED / checkpoint).is_dir() and "/" not in checkpoint:
        return SHIPPED / checkpoint
    if local.is_dir() or not is_hub_id(checkpoint):
        return local
    name = checkpoint.replace("/", "--")
    return root / (f"{name}@{revision}" if revision else name)


def is_hub_id(checkpoint: str) -> bool:
    """Return whether a name is of the form ``owner/name`` and no folder of that name exists."""
    parts = checkpoint.split("/")
    return len(parts) == 2 and all(parts) and "." not in parts[0] and not Path(checkpoint).is_dir()
