"""CLIP as a zero-shot classifier: a picture's cosine similarity to texts.

Of every class the texts are encoded once, when it is read; their averages, of length 1, are kept
with the weights of the part that sees. Radford et al. 2021.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from torch import nn

from zollstock.errors import ZollstockError
from zollstock.models.extras import first_line
from zollstock.models.names import renamed, unique
from zollstock.models.pretrained import config_of, load, plain_config
from zollstock.models.processor import own_preprocessing
from zollstock.models.reading import Found, prepared


class ZeroShot(nn.Module):
    """Maps (N, 3, H, W) to cosine similarities (N, classes)."""

    def __init__(self, seeing: nn.Module, texts: torch.Tensor) -> None:
        super().__init__()
        self.seeing = seeing
        self.register_buffer("texts", texts)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return the similarity of each picture to each class."""
        found = self.seeing(x).image_embeds
        return nn.functional.normalize(found, dim=-1) @ self.get_buffer("texts").T


def build(config: Mapping[str, Any], width: int, n_classes: int) -> ZeroShot:
    """Build an untrained model.

    Parameters
    ----------
    config
        Of the part that sees.
    width
        Of the space that pictures and texts share.
    n_classes
        How many texts there are.
    """
    from transformers import CLIPVisionModelWithProjection

    seeing = CLIPVisionModelWithProjection(config_of(config)).float()
    return ZeroShot(seeing, torch.zeros(n_classes, width))


def read(settings: Mapping[str, Any]) -> Found:
    """Return the part of a checkpoint that sees, beside the encoded texts of the classes."""
    from transformers import CLIPModel

    folder = Path(settings["folder"])
    whole: Any = load(CLIPModel, folder)
    words = prompts(settings["classes"], settings["templates"])
    texts = torch.stack([_encoded(whole, folder, lines) for lines in words.values()])
    # Of a whole CLIP the width of what is compared stands beside the config of what sees.
    sees = whole.config.vision_config.to_dict() | {"projection_dim": texts.shape[1]}
    module = build(sees, texts.shape[1], len(texts))
    module.load_state_dict(_seeing_part(whole, texts))
    known, notes = own_preprocessing(folder)
    preprocessing, said = prepared(settings["preprocessing"], known)
    return Found(
        module.eval(),
        {"config": plain_config(module.seeing), "width": texts.shape[1]},
        list(words),
        preprocessing,
        settings["checkpoint"],
        (*renamed(_names(settings["classes"])), *notes, *said),
        "similarity",
        float(whole.logit_scale.detach().exp()),
    )


def prompts(
    classes: Sequence[str] | Mapping[str, Sequence[str]], templates: Sequence[str]
) -> dict[str, list[str]]:
    """Return class → the texts that stand for it.

    Parameters
    ----------
    classes
        Names, each put into every template; or name → whole texts, which are taken as they are.
    templates
        Texts with ``{}``.
    """
    if isinstance(classes, Mapping):
        return {name: list(texts) for name, texts in classes.items()}
    filled = [[text.replace("{}", name) for text in templates] for name in classes]
    return dict(zip(unique(list(classes)), filled, strict=True))


def _seeing_part(whole: nn.Module, texts: torch.Tensor) -> dict[str, torch.Tensor]:
    parts = ("vision_model.", "visual_projection.")
    state = whole.state_dict()
    kept = {f"seeing.{name}": state[name] for name in state if name.startswith(parts)}
    return kept | {"texts": texts}


def _names(classes: Sequence[str] | Mapping[str, Sequence[str]]) -> list[str]:
    return list(classes)


@torch.inference_mode()
def _encoded(whole: Any, folder: Path, texts: Sequence[str]) -> torch.Tensor:  # noqa: ANN401
    """Return the mean direction of some texts, of length 1."""
    longest = whole.config.text_config.max_position_embeddings
    tokens = _tokeniser(folder)(
        list(texts), padding=True, truncation=True, max_length=longest, return_tensors="pt"
    )
    out = whole.text_model(input_ids=tokens["input_ids"], attention_mask=tokens["attention_mask"])
    found = nn.functional.normalize(whole.text_projection(out.pooler_output), dim=-1)
    return nn.functional.normalize(found.mean(0), dim=-1).clone()


def _tokeniser(folder: Path) -> Any:  # noqa: ANN401
    from transformers import CLIPTokenizer

    there = {file.name for file in folder.iterdir()}
    try:
        if "tokenizer.json" not in there and not {"vocab.json", "merges.txt"} <= there:
            raise FileNotFoundError("its files are missing")
        return CLIPTokenizer.from_pretrained(folder, local_files_only=True)
    except Exception as error:  # its files are read by several libraries
        raise ZollstockError(
            folder,
            f"has no tokenizer that can be read ({first_line(error)})",
            "tokenizer.json, or vocab.json and merges.txt, beside the weights",
            "Save it beside the model with save_pretrained, or fetch the checkpoint again.",
        ) from None
