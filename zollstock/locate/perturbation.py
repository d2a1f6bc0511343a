"""One model, one picture, one pass over all samples; every attributer from the same pass."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from zollstock.arrays import Array, Flags, Indices
from zollstock.errors import ZollstockError
from zollstock.inference.batching import free_memory, out_of_memory
from zollstock.locate.attributers import Ends, attributions_of, entry, ratio
from zollstock.locate.classifier import Classifier
from zollstock.locate.context import Context
from zollstock.locate.fills import Fill, make_fill
from zollstock.locate.masks import Masks, Offsets, masks_for
from zollstock.locate.samples import draw_samples
from zollstock.locate.segments import segments_of

_LEAST = 1e-6
"""A pixel of which all samples together keep less has no mean."""


@dataclass(frozen=True)
class Attribution:
    """What one attributer found.

    Attributes
    ----------
    segments
        A number a segment, float64, (M, K); NaN where it has no value.
    pixels
        The map, float32, (K, H, W); NaN where it has no value.
    interval
        Low and high end of a confidence interval, (M, K) each, of attributers that have one.
    """

    segments: Array
    pixels: npt.NDArray[np.float32]
    interval: tuple[Array, Array] | None = None


@dataclass(frozen=True)
class Perturbed:
    """What a pass over the samples gave.

    Attributes
    ----------
    labels
        The segments, 0 … M − 1, (H, W).
    kept
        Which segments each sample kept, (N, M).
    outputs
        What the model said, float64, (N, K).
    ends
        What it said of the whole and of the empty picture.
    attributions
        By the names that were handed in.
    """

    labels: Indices
    kept: Flags
    outputs: Array
    ends: Ends
    attributions: dict[str, Attribution]

    def map_of(self, name: str, per: str, output: int = 0) -> npt.NDArray[np.float32]:
        """Return an attribution as a map, (H, W): a number a segment or, ``pixels``, smooth."""
        given = self.attributions[name]
        if per == "segments":
            return given.segments[:, output].astype(np.float32)[self.labels]
        return given.pixels[output]


def perturb(
    image: npt.NDArray[np.uint8],
    classifier: Classifier,
    settings: Mapping[str, Any],
    attributers: Mapping[str, Mapping[str, Any]],
    rng: np.random.Generator,
    context: Context | None = None,
    batch_size: int = 32,
) -> Perturbed:
    """Ask a model about a picture with segments taken away, and attribute what it says.

    Sample n shows the model m_n·x + (1 − m_n)·r: the picture x where it keeps segments, the fill r
    elsewhere. The whole and the empty picture are asked about as well, beside the N samples.

    Parameters
    ----------
    image
        uint8, (H, W, 3), of the model's input size.
    classifier
        The model.
    settings
        Plain: ``segments``, ``masks``, ``samples`` and ``fill``; see
        `zollstock.settings.locate.perturbation.PerturbationSettings.plain`.
    attributers
        Plain settings of attributers, by names of the caller's.
    rng
        The one source of chance; what is drawn does not hang on the batch size.
    context
        What belongs to the picture.
    batch_size
        Samples that go through the model at once; halved where they do not fit into memory.

    Raises
    ------
    ZollstockError
        If an entry is not known, or lacks something that the picture should have.
    """
    labels = segments_of(image, settings["segments"], context)
    masks = masks_for(labels, settings["masks"], settings["segments"], classifier.device)
    sampling, shifting, filling = _children(rng, 3)
    kept = draw_samples(masks.m, settings["samples"], sampling)
    with_ends = np.concatenate([kept, np.ones((1, masks.m), bool), np.zeros((1, masks.m), bool)])
    offsets = masks.shifts(len(with_ends), shifting)
    context = replace(context or Context(), samples=len(with_ends))
    fill = make_fill(image, labels, settings["fill"], filling, context)
    sums = offsets is not None and any(_per_pixel(given) for given in attributers.values())
    with torch.inference_mode():
        run = _Pass(image, classifier, masks, fill, len(kept) if sums else 0)
        y = run.over(with_ends, offsets, batch_size)
    outputs, ends = y[:-2], Ends(*y[-2:])
    found = {
        name: _attribution(outputs, kept, given, ends, masks, run.quotient())
        for name, given in attributers.items()
    }
    return Perturbed(labels, kept, outputs, ends, found)


def shared_passes(
    methods: Mapping[str, Mapping[str, Any]],
) -> list[tuple[dict[str, Any], dict[str, Mapping[str, Any]]]]:
    """Return which methods share a pass: what is drawn and filled alike is asked about once.

    Parameters
    ----------
    methods
        Plain settings by names, each with ``attribute`` beside those of the pass.

    Returns
    -------
    list of (settings, attributers)
        What `perturb` takes, in the order of the methods.
    """
    passes: list[tuple[dict[str, Any], dict[str, Mapping[str, Any]]]] = []
    for name, method in methods.items():
        own = {key: value for key, value in method.items() if key != "attribute"}
        known = next((attributers for settings, attributers in passes if settings == own), None)
        if known is None:
            passes.append((own, {name: method["attribute"]}))
        else:
            known[name] = method["attribute"]
    return passes


def project(masks: Masks, values: Array) -> npt.NDArray[np.float32]:
    """Return maps, (K, H, W), of numbers of segments, (M, K).

    A pixel whose segments are not all defined has the mean of those that are, by their weights;
    it is NaN where less than half of its weight is on these.
    """
    defined = ~np.isnan(values)
    found = masks.project(np.nan_to_num(values))
    if not defined.all():
        weight = masks.project(defined.astype(float))
        found = ratio(found, np.where(weight < 0.5, 0.0, weight))
    return found.astype(np.float32)


class _Pass:
    """All samples through the model, a batch at a time.

    `summed` samples, the first, are summed a pixel: Σ_n Y_n m_n(p) and Σ_n m_n(p).
    """

    def __init__(
        self,
        image: npt.NDArray[np.uint8],
        classifier: Classifier,
        masks: Masks,
        fill: Fill,
        summed: int,
    ) -> None:
        self._classifier, self._masks, self._fill = classifier, masks, fill
        self._image, self._summed = image, summed
        self._above: torch.Tensor | None = None
        self._below: torch.Tensor | None = None
        self._x = self._ready(image[None])[0]
        self._r = self._ready(fill.pictures)

    def over(self, kept: Flags, offsets: Offsets | None, batch_size: int) -> Array:
        """Return what the model says of samples, (N, K)."""
        found: torch.Tensor | None = None
        first = 0
        while first < len(kept):
            rows = slice(first, first + batch_size)
            try:
                mask, y = self._ask(kept, offsets, rows)
            except Exception as error:
                if isinstance(error, ZollstockError) or not out_of_memory(error):
                    raise
                if batch_size == 1:
                    raise _no_memory(self._classifier.device) from None
                # No number hangs on it.
                batch_size //= 2
                free_memory()
                continue
            if found is None:
                found = y.new_empty(len(kept), y.shape[1])
            found[rows] = y
            self._add(mask[: max(self._summed - first, 0)], y)
            first += batch_size
        assert found is not None
        return found.double().cpu().numpy()

    def quotient(self) -> Array | None:
        """Return Σ_n Y_n m_n(p) / Σ_n m_n(p), (K, H, W); None if nothing was summed."""
        if self._above is None or self._below is None:
            return None
        below = self._below.double().cpu().numpy()
        above = self._above.double().cpu().numpy()
        shape = (len(above), *self._image.shape[:2])
        return ratio(above, np.where(below < _LEAST, 0.0, below)).reshape(shape)

    def _ask(
        self, kept: Flags, offsets: Offsets | None, rows: slice
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Return the masks of some samples, (n, H, W), and what the model says, (n, K)."""
        mask = self._masks.of(kept[rows], None if offsets is None else offsets[rows])
        y = torch.as_tensor(self._classifier.outputs(self._blended(mask, rows)))
        return mask, y if y.dim() == 2 else y[:, None]

    def _blended(self, mask: torch.Tensor, rows: slice) -> torch.Tensor:
        """Return m·x + (1 − m)·r, (n, C, H, W), as the model takes it."""
        mask = mask[:, None]
        if self._fill.paint is not None:
            painted = [self._fill.paint(one[0].cpu().numpy()) for one in mask]
            r = self._ready(np.stack(painted))
        elif self._fill.chosen is None:
            r = self._r[0]
        else:
            r = self._r[torch.from_numpy(self._fill.chosen[rows]).to(self._r.device)]
        batch = torch.addcmul(r, mask, self._x - r)
        return self._classifier.prepare(batch.round()) if self._classifier.rounded else batch

    def _ready(self, pictures: npt.NDArray[Any]) -> torch.Tensor:
        """Return pictures, (n, H, W, 3), in the numbers that are blended, (n, C, H, W)."""
        device = self._classifier.device
        ready = torch.from_numpy(np.asarray(pictures, np.float32)).to(device).permute(0, 3, 1, 2)
        # Contiguous channels: a mask is then multiplied row by row.
        return (ready if self._classifier.rounded else self._classifier.prepare(ready)).contiguous()

    def _add(self, mask: torch.Tensor, y: torch.Tensor) -> None:
        if not len(mask):
            return
        flat = mask.reshape(len(mask), -1)
        y = y[: len(mask)].to(flat)
        if self._above is None or self._below is None:
            self._above = flat.new_zeros(y.shape[1], flat.shape[1])
            self._below = flat.new_zeros(flat.shape[1])
        # In place, as all that lasts: new arrays between those of a batch scatter the memory.
        self._above.addmm_(y.T, flat)
        self._below += flat.sum(0)


def _attribution(
    y: Array,
    z: Flags,
    settings: Mapping[str, Any],
    ends: Ends,
    masks: Masks,
    quotient: Array | None,
) -> Attribution:
    values = attributions_of(y, z, settings, ends)
    module = entry(settings)
    if not _per_pixel(settings):
        sure = module.interval(y, z, settings, ends) if hasattr(module, "interval") else None
        return Attribution(values, project(masks, values), sure)
    if quotient is None:  # segments lie still: both sums are sums over segments
        kept = z.astype(float)
        below = masks.project(kept.sum(0)[:, None])
        quotient = ratio(masks.project(kept.T @ y), np.where(below < _LEAST, 0.0, below))
    quotient = quotient - module.baseline(y, settings)[:, None, None]
    return Attribution(values, quotient.astype(np.float32))


def _no_memory(device: torch.device | str) -> ZollstockError:
    return ZollstockError(
        "locate",
        f"not even one perturbed picture fits into the memory of {device}",
        "more free memory",
        "Use device: cpu, or a larger device.",
    )


def _per_pixel(settings: Mapping[str, Any]) -> bool:
    return hasattr(entry(settings), "baseline")


def _children(rng: np.random.Generator, number: int) -> list[np.random.Generator]:
    """Return generators of their own, so that a longer draw of one moves no other."""
    keys = rng.integers(2**63, size=number)
    return [np.random.Generator(np.random.Philox(key=int(key))) for key in keys]
