"""A small CLIP, trained from nothing: two transformers that end in one space.

Pictures are drawn towards their captions and away from those of the others in a batch, both ways
(Radford et al. 2021). Drawn worlds have few classes, so that a caption often stands several times
in a batch; pictures of equal captions share their target evenly (after Yang et al. 2022, UniCL).
"""

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch.nn.functional import cross_entropy, normalize

from zollstock.files import write_json
from zollstock.models.normalisation import Normalisation
from zollstock.models.training import Objective, Step

LONGEST = 48
"""Tokens of a text at most."""
WORDS = 2000
"""Tokens at most that a tokenizer learns from captions."""
STEEPEST = math.log(100.0)
"""Of the learnt scale; CLIP's own."""


def tokeniser_of(captions: Sequence[str]) -> Any:  # noqa: ANN401
    """Return a CLIP tokenizer whose words are those of some texts; others it spells."""
    from transformers import CLIPTokenizer

    letters = sorted({letter for letter in "".join(captions).lower() if not letter.isspace()})
    letters += [letter for letter in "abcdefghijklmnopqrstuvwxyz.,'-" if letter not in letters]
    return CLIPTokenizer().train_new_from_iterator(
        [*captions, *letters], vocab_size=WORDS, show_progress=False
    )


def clip_of(settings: Mapping[str, Any], tokeniser: Any) -> Any:  # noqa: ANN401
    """Return an untrained CLIP.

    Parameters
    ----------
    settings
        ``size``, ``patch_size``, ``width``, ``depth``, ``shared_width``.
    tokeniser
        Of `tokeniser_of`.
    """
    from transformers import CLIPConfig, CLIPModel

    sides = {
        "hidden_size": settings["width"],
        "intermediate_size": 2 * settings["width"],
        "num_attention_heads": 4,
    }
    reads = {
        "num_hidden_layers": max(1, settings["depth"] // 2),
        "vocab_size": len(tokeniser),
        "max_position_embeddings": LONGEST,
        "bos_token_id": tokeniser.bos_token_id,
        "eos_token_id": tokeniser.eos_token_id,
        "pad_token_id": tokeniser.pad_token_id,
    }
    sees = {
        "num_hidden_layers": settings["depth"],
        "image_size": settings["size"],
        "patch_size": settings["patch_size"],
    }
    config = CLIPConfig(
        text_config=sides | reads,
        vision_config=sides | sees,
        projection_dim=settings["shared_width"],
    )
    return CLIPModel(config).float()


class Contrastive(Objective):
    """The loss of a CLIP on pictures and their captions.

    Parameters
    ----------
    tokeniser
        Of `tokeniser_of`.
    captions
        Of all pictures, N.
    labels
        Place of each one's class, (N,).
    classes
        How many there are.
    """

    def __init__(
        self,
        tokeniser: Any,  # noqa: ANN401
        captions: Sequence[str],
        labels: Sequence[int],
        classes: int,
    ) -> None:
        texts = list(dict.fromkeys(captions))
        known = {text: place for place, text in enumerate(texts)}
        self._which = np.array([known[text] for text in captions])
        self._labels = torch.as_tensor(np.asarray(labels))
        self._classes = classes
        self._texts = tokenised(tokeniser, texts)

    def loss(self, step: Step) -> tuple[torch.Tensor, torch.Tensor]:
        """Return the loss, and for each class the similarity to its nearest caption here."""
        device = step.inputs.device
        kinds, which = np.unique(self._which[step.places], return_inverse=True)
        texts = {name: ids[kinds].to(device) for name, ids in self._texts.items()}
        row = torch.from_numpy(which).to(device)
        said = embedded_texts(step.module, texts)[row]
        seen = embedded_pictures(step.module, step.inputs)
        scale: Any = step.module.logit_scale
        logits = scale.clamp(max=STEEPEST).exp() * seen @ said.T
        alike = (row[:, None] == row[None]).float()
        shared = alike / alike.sum(1, keepdim=True)
        loss = (cross_entropy(logits, shared) + cross_entropy(logits.T, shared)) / 2
        own = self._labels[torch.from_numpy(step.places)].to(device)
        nearest = logits.detach().new_full((len(own), self._classes), -math.inf)
        nearest.scatter_reduce_(1, own.expand(len(own), -1), logits.detach(), "amax")
        return loss, nearest


def tokenised(tokeniser: Any, texts: Sequence[str]) -> dict[str, torch.Tensor]:  # noqa: ANN401
    """Return ids and mask of texts, (T, tokens) each."""
    found = tokeniser(
        list(texts), padding=True, truncation=True, max_length=LONGEST, return_tensors="pt"
    )
    return {name: found[name] for name in ("input_ids", "attention_mask")}


def embedded_texts(module: Any, texts: Mapping[str, torch.Tensor]) -> torch.Tensor:  # noqa: ANN401
    """Return the directions of texts, (T, width), of length 1."""
    return normalize(module.text_projection(module.text_model(**texts).pooler_output), dim=-1)


def embedded_pictures(module: Any, inputs: torch.Tensor) -> torch.Tensor:  # noqa: ANN401
    """Return the directions of pictures, (n, width), of length 1."""
    seen = module.vision_model(pixel_values=inputs).pooler_output
    return normalize(module.visual_projection(seen), dim=-1)


def save_checkpoint(module: Any, tokeniser: Any, size: int, folder: Path) -> None:  # noqa: ANN401
    """Write a checkpoint as transformers does: config, weights, tokenizer and preprocessing."""
    module.save_pretrained(folder)
    tokeniser.save_pretrained(folder)
    whole = Normalisation()
    processor = {
        "do_resize": True,
        "size": {"height": size, "width": size},
        "resample": 3,
        "do_center_crop": False,
        "do_rescale": True,
        "rescale_factor": 1 / 255,
        "do_normalize": True,
        "image_mean": list(whole.mean),
        "image_std": list(whole.std),
    }
    write_json(processor, folder / "preprocessor_config.json")
