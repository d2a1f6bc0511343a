"""Loading of transformers' checkpoints: local files, tensors alone, nothing left at random."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch

from zollstock.errors import ZollstockError
from zollstock.files import check_sha256, read_json
from zollstock.models.extras import first_line

_PASSING = ("_name_or_path", "transformers_version", "architectures", "torch_dtype", "dtype")


def load(kind: Any, folder: Path) -> torch.nn.Module:  # noqa: ANN401
    """Return a checkpoint's model in float32, on the CPU.

    Parameters
    ----------
    kind
        The class of transformers that loads it.
    folder
        With ``config.json`` and weights: ``.safetensors``, in one file or several with an index,
        or ``pytorch_model.bin``, of which tensors alone are read.

    Raises
    ------
    ZollstockError
        If it is no such folder, if tensors are missing or of another shape, or if it wants code
        of its own to be run.
    """
    import transformers

    _check_written(folder)
    transformers.utils.logging.disable_progress_bar()  # jobs write lines
    safe = any(folder.glob("*.safetensors"))
    try:
        module, info = kind.from_pretrained(
            folder,
            local_files_only=True,
            trust_remote_code=False,
            use_safetensors=safe,
            weights_only=True,
            dtype=torch.float32,
            output_loading_info=True,
            ignore_mismatched_sizes=True,
        )
    except Exception as error:  # it raises errors of many libraries
        raise ZollstockError(
            folder,
            f"cannot be loaded ({first_line(error)})",
            f"a checkpoint of transformers {transformers.__version__} with its weights",
            "Correct the model's checkpoint, or save it again with save_pretrained.",
        ) from None
    _check(folder, info)
    return module.eval()


def _check_written(folder: Path) -> None:
    """Compare a checkpoint that was trained here with what its card knows of its files."""
    card = folder / "card.json"
    if not card.is_file():
        return
    told = read_json(card)
    known = told.get("checksums", {}) if isinstance(told, dict) and "trained_on" in told else {}
    for name, checksum in known.items():
        check_sha256(
            folder / name,
            checksum,
            f"a file of the checksum {checksum[:12]}…",
            "Run again with --forcerun train_clip.",
        )


def _check(folder: Path, info: Mapping[str, Any]) -> None:
    """Refuse what transformers fills with random numbers."""
    wrong = [
        f"{name} has shape {tuple(found)} instead of {tuple(wanted)}"
        for name, found, wanted in info.get("mismatched_keys") or ()
    ]
    missing = sorted(map(str, info.get("missing_keys") or ()))
    if wrong or missing:
        parts = [f"lacks {len(missing)} tensors (first: {missing[0]})"] if missing else []
        parts += [f"{len(wrong)} tensors differ in shape ({sorted(wrong)[0]})"] if wrong else []
        raise ZollstockError(
            folder,
            "does not fit the architecture: " + "; ".join(parts),
            "weights of every part, the head included",
            "Choose a checkpoint that was trained to classify, with as many classes.",
        )


def plain_config(module: Any) -> dict[str, Any]:  # noqa: ANN401
    """Return a model's config as JSON, without what says where and by whom it was saved."""
    config = module.config.to_dict()
    return {key: value for key, value in config.items() if key not in _PASSING}


def config_of(config: Mapping[str, Any]) -> Any:  # noqa: ANN401
    """Return transformers' object of a plain config."""
    from transformers import AutoConfig

    given = {key: value for key, value in config.items() if key != "model_type"}
    return AutoConfig.for_model(config["model_type"], **given)
