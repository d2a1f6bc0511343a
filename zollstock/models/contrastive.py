"""A small CLIP, trained from nothing: two transformers that end in one space.

Pictures are drawn towards their captions and away from those of the others in a batch, both ways
(Radford et al. 2021). Drawn worlds have few classes, so that a caption often stands several times
in a batch; pictures of equal captions share their target evenly (after Yang et al. 2022, UniCL).
"""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch.nn.functional import cross_entropy, normalize

from zollstock.files import write_json
from zollstock.models.normalisation import Normalisation
from zollstock.models.training import Objective, Step

LONGEST = 48
"""Tokens of a text at most."""
WORDS = 2000
"""Pairs at most that a tokenizer learns from captions."""
END = "</w>"
"""Of the last letter of a word."""
STEEPEST = math.log(100.0)
"""Of the learnt scale; CLIP's own."""


def tokeniser_of(captions: Sequence[str]) -> Any:  # noqa: ANN401
    """Return a CLIP tokenizer whose words are those of some texts; others it spells.

    Its pairs are learnt here, with ties broken by their letters: a tokenizer of the library's own
    training numbers its letters anew in every process, which would be another model.
    """
    from transformers import CLIPTokenizer

    backend = CLIPTokenizer().backend_tokenizer
    words: Counter[str] = Counter()
    for caption in captions:
        plain = backend.normalizer.normalize_str(caption)
        words.update(word for word, _ in backend.pre_tokenizer.pre_tokenize_str(plain))
    merges = merges_of(words)
    letters = _letters()
    names = [*letters, *(f"{letter}{END}" for letter in letters), *map("".join, merges)]
    names = list(dict.fromkeys([*names, "<|startoftext|>", "<|endoftext|>"]))
    return CLIPTokenizer(vocab={name: place for place, name in enumerate(names)}, merges=merges)


def merges_of(words: Mapping[str, int]) -> list[tuple[str, str]]:
    """Return the pairs that are joined, the most frequent first, until all words are whole.

    Byte-pair encoding (Sennrich et al. 2016).

    Parameters
    ----------
    words
        In the letters of `_letters` → how often each is there.
    """
    parts = {word: [*word[:-1], word[-1] + END] for word in words}
    merges: list[tuple[str, str]] = []
    while len(merges) < WORDS:
        pairs: Counter[tuple[str, str]] = Counter()
        for word, found in parts.items():
            for pair in pairwise(found):
                pairs[pair] += words[word]
        if not pairs:
            break
        best = min(pairs, key=lambda pair: (-pairs[pair], pair))
        merges.append(best)
        for found in parts.values():
            place = 0
            while place < len(found) - 1:
                if (found[place], found[place + 1]) == best:
                    found[place : place + 2] = ["".join(best)]
                place += 1
    return merges


def _letters() -> list[str]:
    """Return what each byte is written as: itself where it can be seen (Radford et al. 2019)."""
    seen = {*range(33, 127), *range(161, 173), *range(174, 256)}
    others = iter(range(256, 512))
    return [chr(byte if byte in seen else next(others)) for byte in range(256)]


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
        labels: npt.ArrayLike,
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
    import transformers

    transformers.utils.logging.disable_progress_bar()  # jobs write lines
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
