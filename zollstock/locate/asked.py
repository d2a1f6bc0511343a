"""What is asked: a model whose output is followed, and what is known of the image it sees."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from zollstock.locate.classifier import Asking, Classifier
from zollstock.locate.context import Context
from zollstock.locate.differentiable import GradientModel
from zollstock.locate.handed import Handed
from zollstock.scoring.outputs import Output


@dataclass(frozen=True)
class Asked:
    """The model and what is known of the image, beside its pixels.

    Attributes
    ----------
    classifier
        For perturbations; its one output is the followed one.
    follow
        For gradients.
    masks
        Property → where it is, weights (H, W) of [0, 1].
    context
        What segmenters need.
    parts
        Of a drawn picture: names, and shares of each pixel, (K, H, W).
    seed
        Of the study.
    frames
        At how many frames of a path a gradient method is asked.
    batch_size
        Pictures that go through the model at once.
    asking
        What makes classifiers of the same model for other outputs; None where none is needed.
    handed
        Label pictures of the user's and other images of the study; None where no method asks.
    """

    classifier: Classifier
    follow: GradientModel
    masks: Mapping[str, npt.NDArray[np.floating[Any]]]
    context: Context
    seed: int
    parts: tuple[list[str], npt.NDArray[np.float32]] | None = None
    frames: int = 5
    batch_size: int = 64
    handed: Handed | None = None
    asking: Asking | None = None

    def values(self, frames: npt.NDArray[np.uint8]) -> npt.NDArray[np.float64]:
        """Return the followed output on frames, (n, H, W, 3): (n,)."""
        if self.follow.network.model.normalisation.channels == 1:
            # Grey is rounded there as Pillow rounds it.
            return self.follow.values(self.follow.pixels(frames))
        with torch.inference_mode():
            pictures = torch.from_numpy(frames).to(self.classifier.device, torch.float32)
            prepared = self.classifier.prepare(pictures.permute(0, 3, 1, 2))
            found = torch.as_tensor(self.classifier.outputs(prepared))[:, 0]
        return found.double().cpu().numpy()

    def runner_up(self, picture: npt.NDArray[np.uint8]) -> "Asked | None":
        """Return the same of the most likely other class on a picture; None where there is none."""
        follow = self.follow
        if self.asking is None or follow.output.kind == "contrast":
            return None  # a contrast has no class of its own
        if len(follow.network.model.classes) < 2:
            return None
        with torch.no_grad():
            logits = follow.network.logits(follow.pixels(picture[None]))[0]
        logits[follow.chosen] = -torch.inf
        # By no name: which class it is differs from image to image.
        output = Output(follow.output.kind, "predicted")
        other = GradientModel(follow.network, output, int(logits.argmax()))
        return replace(self, follow=other, classifier=self.asking.followed(other))

    def context_of(self, settings: Mapping[str, Any], of: str = "") -> Context:
        """Return what segments and a fill need.

        Parameters
        ----------
        settings
            Plain: ``segments``, of which those by a mask have the mask of their own property, and
            ``fill``.
        of
            The property whose frames are asked about; "" for the picture.
        """
        segments, fill = settings["segments"], settings.get("fill", {})
        found = replace(self.context, mask=self.masks.get(segments.get("property", "")))
        if self.handed is not None and segments["name"] == "labels":
            found = replace(found, labels=self.handed.labels(segments, of))
        if self.handed is not None and fill.get("name") == "picture":
            found = replace(found, pictures=self.handed.pictures(fill))
        return found

    def has_no_other(self, settings: Mapping[str, Any]) -> bool:
        """Return whether a fill puts in another image, and there is none for this one."""
        fill = settings["fill"]
        if self.handed is None or fill["name"] != "picture":
            return False
        return not self.handed.others(fill)
