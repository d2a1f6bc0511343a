"""Small pieces that several editors need."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from zollstock.engines.diffusion.checkpoints import read_json_file

_LATENTS = 128
"""Latents a side where a network's config names none: 1024 pixels for factor 8."""


def trained_size(folder: Path, network: str, latents: int = _LATENTS) -> tuple[int, int]:
    """Return height and width in pixels that a checkpoint was trained at.

    Parameters
    ----------
    folder
        The checkpoint.
    network
        Its denoising network: ``unet`` or ``transformer``.
    latents
        A side where the network's config names none.
    """
    config = read_json_file(folder / network / "config.json")
    vae = read_json_file(folder / "vae" / "config.json")
    # A tiny autoencoder has a list of its own for either half.
    blocks = vae.get("block_out_channels") or vae.get("decoder_block_out_channels") or [0]
    edge = int(config.get("sample_size") or latents) * int(2 ** (len(blocks) - 1))
    return edge, edge


def per_instruction(
    values: NDArray[np.float64], make: Callable[[int, NDArray[np.float64]], torch.Tensor]
) -> torch.Tensor:
    """Make frames one instruction at a time and put them back in their order.

    For editors whose batches must share one text.

    Parameters
    ----------
    values
        The knob; negative values belong to the opposite instruction.
    make
        Makes frames from the number of the instruction (1 is the opposite one) and the
        knob's absolute values.
    """
    texts = (values < 0).astype(np.int64)
    frames: dict[int, torch.Tensor] = {}
    for text in np.unique(texts):
        rows = np.flatnonzero(texts == text)
        made = make(int(text), np.abs(values[rows]))
        frames.update(zip(rows.tolist(), made, strict=True))
    return torch.stack([frames[row] for row in range(len(values))])
