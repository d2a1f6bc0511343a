"""Whether a picture changes as two texts differ: the directional similarity in CLIP's space."""

import os
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from zollstock.errors import ZollstockError
from zollstock.ledger.base import Frames, Series
from zollstock.ledger.masks import MaskSet

STILL = 1e-4
"""Changes of a unit embedding below this are rounding: their direction means nothing."""
SPECIAL_TOKENS = 3


class ClipDirection:
    """Cosine between the change of the image embedding and that of the text embedding.

    value_s = ⟨I_s − I_0, T⟩ / (‖I_s − I_0‖ ‖T‖) with T = E(target) − E(source), I_s the
    embedding of frame s and I_0 that of the zero frame, all embeddings of unit length. A frame
    that did not move has no direction; its value is 0. Source: Gal et al., "StyleGAN-NADA",
    2021, arXiv 2108.00946 (there averaged over prompt templates, here the texts as they are).

    Parameters
    ----------
    model
        Folder of a CLIP model with its tokenizer, or the name of one that lies in the Hugging
        Face cache of this machine. Nothing is fetched.
    source_text, target_text
        What the picture shows before and after the edit.
    device
        Where the model runs.
    batch_size
        Frames per forward pass.

    Raises
    ------
    ZollstockError
        If the model cannot be loaded, or does not tell the two texts apart.
    """

    name = "clip_direction"
    region = "inside"

    def __init__(
        self,
        *,
        model: str,
        source_text: str,
        target_text: str,
        device: str | torch.device = "cpu",
        batch_size: int = 32,
    ) -> None:
        self.device = torch.device(device)
        self.batch_size = batch_size
        self._model, self._tokenizer, self._processor = _load(model)
        self._model.to(self.device).eval()
        source, target = self._texts([source_text, target_text])
        change = target - source
        length = np.linalg.norm(change)
        if length < STILL:
            raise ZollstockError(
                "clip",
                f"the model {model} does not tell '{target_text}' from '{source_text}'",
                "two texts of different meaning",
                "Change source_text or target_text.",
            )
        self.direction = change / length

    def values(self, frames: Frames, zero: int, masks: MaskSet | None) -> Series:
        """Return the cosine per frame, (S,), in [−1, 1]; masks are not needed."""
        embeddings = self.embed(frames)
        change = embeddings - embeddings[zero]
        length = np.linalg.norm(change, axis=1)
        moved = length >= STILL
        along = change @ self.direction
        return np.where(moved, along / np.where(moved, length, 1), 0.0)

    def off_target(self, frames: Frames, masks: MaskSet | None) -> Series:
        """Return NaN, (S,): a cosine has no counterpart off the target."""
        return np.full(len(frames), np.nan)

    @torch.no_grad()
    def embed(self, frames: Frames) -> npt.NDArray[np.float64]:
        """Return the unit embeddings of frames (S, H, W, 3), shape (S, D)."""
        parts = []
        for start in range(0, len(frames), self.batch_size):
            pixels = self._processor(
                images=list(frames[start : start + self.batch_size]),
                return_tensors="pt",
                input_data_format="channels_last",
            )["pixel_values"].to(self.device)
            parts.append(self._model.get_image_features(pixel_values=pixels).pooler_output)
        return _unit(torch.cat(parts))

    @torch.no_grad()
    def _texts(self, texts: list[str]) -> npt.NDArray[np.float64]:
        tokens = self._tokenizer(
            texts,
            padding=True,
            truncation=True,
            max_length=self._model.config.text_config.max_position_embeddings,
            return_tensors="pt",
        ).to(self.device)
        return _unit(self._model.get_text_features(**tokens).pooler_output)


def _unit(vectors: torch.Tensor) -> npt.NDArray[np.float64]:
    values: npt.NDArray[np.float64] = vectors.double().cpu().numpy()
    return values / np.linalg.norm(values, axis=1, keepdims=True)


def _load(model: str) -> tuple[Any, Any, Any]:
    """Return model, tokenizer and image processor, never from the network."""
    os.environ["HF_HUB_OFFLINE"] = "1"
    try:
        from huggingface_hub import constants

        # The variable is read when the library is loaded, which may have been before; without
        # this, a model that is missing is looked for on the hub in spite of `local_files_only`.
        constants.HF_HUB_OFFLINE = True
        # The processor by its own name: the usual one needs torchvision.
        from transformers import CLIPImageProcessorPil, CLIPModel, CLIPTokenizer
    except ImportError:
        raise ZollstockError(
            "clip", "transformers is not installed", "transformers 5", "pip install transformers"
        ) from None
    try:
        network, report = CLIPModel.from_pretrained(
            model, output_loading_info=True, local_files_only=True
        )
        processor = CLIPImageProcessorPil.from_pretrained(model, local_files_only=True)
        tokenizer = CLIPTokenizer.from_pretrained(model, local_files_only=True)
    except (OSError, ValueError, RuntimeError) as error:
        reason = str(error).strip().splitlines()[0]
        raise _unusable(model, f"cannot be loaded ({reason})") from None
    # Both load without an error: missing weights are drawn at random, and a missing
    # vocabulary is replaced by the special tokens, so that all texts become equal.
    if report["missing_keys"]:
        raise _unusable(model, f"lacks weights of CLIP ({sorted(report['missing_keys'])[0]})")
    if len(tokenizer) <= SPECIAL_TOKENS:
        raise _unusable(model, "has no vocabulary")
    return network, tokenizer, processor


def _unusable(model: str, found: str) -> ZollstockError:
    return ZollstockError(
        f"clip.model {model}",
        found,
        "a CLIP model with its tokenizer and preprocessor_config.json, as transformers saves it",
        "Jobs run offline: fetch it where there is a network, with `hf download NAME --local-dir "
        "FOLDER`, and name the folder.",
    )
