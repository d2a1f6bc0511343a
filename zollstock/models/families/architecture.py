"""Image classifiers that transformers builds from a config, without any weights."""

from typing import Any

import torch
from torch import nn

from zollstock.errors import ZollstockError, did_you_mean


class Logits(nn.Module):
    """A classifier of transformers that returns its logits alone.

    Parameters
    ----------
    network
        Takes ``pixel_values``, (N, 3, H, W).
    """

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return logits, (N, C)."""
        logits: torch.Tensor = self.network(pixel_values=x).logits
        return logits


def build(model_type: str, n_classes: int, **config: Any) -> nn.Module:  # noqa: ANN401
    """Build an untrained model.

    Parameters
    ----------
    model_type
        What transformers calls the architecture: ``resnet``, ``convnext``, ``vit`` …
    n_classes
        Number of outputs.
    **config
        Keys of its config that differ from transformers' defaults.

    Raises
    ------
    ZollstockError
        If there is no such architecture of image classifiers, or its config has no such key.
    """
    from transformers import AutoConfig, AutoModelForImageClassification
    from transformers.models.auto.modeling_auto import (
        MODEL_FOR_IMAGE_CLASSIFICATION_MAPPING_NAMES as KNOWN,
    )

    if model_type not in KNOWN:
        raise ZollstockError(
            "models: arguments.model_type",
            f"is '{model_type}'",
            "an architecture of transformers that classifies images",
            did_you_mean(model_type, KNOWN, "Take resnet, convnext, efficientnet or vit."),
        )
    settings = AutoConfig.for_model(model_type, num_labels=n_classes, **config)
    known = settings.__class__().to_dict()
    strange = sorted(set(config) - set(known))
    if strange:
        raise ZollstockError(
            f"models: arguments.{strange[0]}",
            f"is no key of the config of {model_type}",
            "keys of transformers' config for it",
            did_you_mean(strange[0], known),
        )
    return Logits(AutoModelForImageClassification.from_config(settings).float())
