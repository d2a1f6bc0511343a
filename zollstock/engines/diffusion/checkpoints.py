"""Checkpoints of editors: where they lie, whether they fit, how they are loaded."""

import hashlib
import json
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from zollstock.engines.diffusion.places import CHECKPOINTS, folder_of, is_hub_id
from zollstock.errors import ZollstockError
from zollstock.files import sha256_of
from zollstock.folders import files_below

if TYPE_CHECKING:
    # Diffusers brings transformers along: four seconds that a job which makes no frame saves.
    import torch


def open_folder(checkpoint: str, revision: str | None, root: Path = CHECKPOINTS) -> Path:
    """Return a checkpoint's folder.

    Raises
    ------
    ZollstockError
        If it is not there; the message says what to fetch and where to put it.
    """
    folder = folder_of(checkpoint, revision, root)
    if (folder / "model_index.json").is_file():
        return folder
    if is_hub_id(checkpoint):
        at = f" at revision {revision}" if revision else ""
        raise ZollstockError(
            f"checkpoint {checkpoint}{at}",
            f"is not in {folder}",
            "a folder with model_index.json",
            "Run `snakemake prefetch_editors --cores 1` where there is a network, or copy "
            f"https://huggingface.co/{checkpoint} ({revision or 'main'}) into that folder.",
        )
    raise ZollstockError(
        f"checkpoint {checkpoint}",
        "is no folder with a diffusers pipeline"
        + (" (model_index.json is missing)" if folder.is_dir() else ""),
        "a folder with model_index.json, or a Hugging Face id like owner/name",
        "Correct the property's checkpoint.",
    )


def pipeline_class(folder: Path, allowed: Sequence[str]) -> str:
    """Return the class of a checkpoint's pipeline.

    Raises
    ------
    ZollstockError
        If it is none of the allowed ones.
    """
    found = read_json_file(folder / "model_index.json").get("_class_name")
    if found not in allowed:
        raise ZollstockError(
            f"checkpoint {folder}",
            f"is a {found}",
            f"a {' or '.join(allowed)}",
            "Choose a checkpoint made for this engine, or the engine that fits it.",
        )
    return str(found)


def read_json_file(file: Path) -> dict[str, Any]:
    """Read a JSON file of a checkpoint.

    Raises
    ------
    ZollstockError
        If it is missing or no JSON object.
    """
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ZollstockError(
            file, f"cannot be read ({error})", "a JSON object", "Fetch the checkpoint again."
        ) from None
    return dict(content)


def load_pipeline(folder: Path, name: str, dtype: "torch.dtype", **parts: object) -> Any:  # noqa: ANN401
    """Load a pipeline from a local folder, never from the network, never unpickling.

    Parameters
    ----------
    folder
        The checkpoint.
    name
        A class of diffusers.
    dtype
        Of weights and arithmetic.
    **parts
        Components that replace those of the folder.

    Raises
    ------
    ZollstockError
        If files are missing, harmed or of another architecture.
    """
    quiet()
    import diffusers

    try:
        # Weights of another shape must stop here, not be replaced by random ones.
        pipeline = getattr(diffusers, name).from_pretrained(
            folder,
            dtype=dtype,
            use_safetensors=True,
            local_files_only=True,
            **parts,
        )
    except (OSError, ValueError, RuntimeError, KeyError, TypeError) as error:
        reason = str(error).strip().splitlines()[0] if str(error).strip() else repr(error)
        raise ZollstockError(
            f"checkpoint {folder}",
            f"cannot be loaded as a {name} ({reason})",
            "the safetensors weights and configs that model_index.json names",
            "Fetch it again, or check that its parts belong together.",
        ) from None
    pipeline.set_progress_bar_config(disable=True)
    return pipeline


def quiet() -> None:
    """Silence the libraries' bars and hints; their errors still come through."""
    from diffusers.utils import logging as of_diffusers
    from transformers.utils import logging as of_transformers

    for library in (of_diffusers, of_transformers):
        library.set_verbosity_error()
        library.disable_progress_bar()


@cache
def checksum(folder: Path) -> str:
    """Return the SHA-256 of a checkpoint's weights and configs, by name and content."""
    digest = hashlib.sha256()
    for file in sorted(map(Path, files_below(folder))):
        if file.suffix in {".safetensors", ".json", ".txt", ".model"}:
            digest.update(file.relative_to(folder).as_posix().encode())
            digest.update(bytes.fromhex(sha256_of(file)))
    return digest.hexdigest()
