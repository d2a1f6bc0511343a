"""What a model returns: logits, probabilities, or nothing that can be scored."""

import numpy as np
import numpy.typing as npt
import torch
from torch.overrides import TorchFunctionMode

from zollstock.errors import ZollstockError
from zollstock.inference.forward import Forward

_FAR = (-1000.0, -100.0, -10.0, 10.0, 100.0, 1000.0)
"""Times a picture: what no picture is."""
_AT_ITS_END = 1e-3
_HALVINGS = 20
_SIGMOIDS = {torch.sigmoid, torch.Tensor.sigmoid, torch.Tensor.sigmoid_, torch.special.expit}
_SIGMOIDS |= {torch.nn.functional.sigmoid, torch.sigmoid_}

Frames = npt.NDArray[np.uint8]


class _Noting(TorchFunctionMode):
    """Keeps the results of sigmoids, so that no other tensor takes their place in memory."""

    def __init__(self) -> None:
        super().__init__()
        self.results: list[torch.Tensor] = []

    def __torch_function__(self, function, types, args=(), kwargs=None):  # type: ignore[no-untyped-def] # noqa: ANN001, ANN204
        found = function(*args, **(kwargs or {}))
        if function in _SIGMOIDS:
            self.results.append(found)
        return found


def kind_of(forward: Forward, frames: Frames) -> str:
    """Return what a model returns; see `zollstock.models.card.Model`.

    Parameters
    ----------
    forward
        The model; its `outputs` are "" if they are to be found out.
    frames
        Some that differ, of its input size.

    Raises
    ------
    ZollstockError
        If it returns something else than its settings say, or nothing that can be scored.
    """
    known = forward.model.outputs
    if known == "similarity":
        return known
    returned = forward.outputs(frames)
    if known == "sigmoid":
        return "sigmoids" if _ends_in_sigmoids(forward, frames, returned) else known
    found = _found_kind(forward, frames, returned)
    if known == "probabilities" and found == "logits" and _may_be_probability(returned):
        return known
    if known and found != known:
        raise ZollstockError(
            "models: outputs",
            f"is '{known}', and the model returns {found}",
            "what the model returns",
            "Leave it out: it is found out.",
        )
    return found


def _check_numbers(forward: Forward, frames: Frames, found: torch.Tensor) -> None:
    """Notice decisions: what changes by steps says nothing of what lies between them."""
    hard = found.is_floating_point() and _whole(found) and _jumps(forward, frames, found)
    if found.is_floating_point() and not hard:
        return
    what = "0 and 1 alone" if hard else str(found.dtype).removeprefix("torch.")
    raise ZollstockError(
        "models: family",
        f"the model returns {what}, as decisions are",
        "logits or probabilities, floating-point numbers",
        "Return what comes before argmax, rounding or comparison.",
    )


def _whole(found: torch.Tensor) -> bool:
    return bool(((found == 0) | (found == 1)).all())


def _jumps(forward: Forward, frames: Frames, found: torch.Tensor) -> bool:
    """Return whether nothing lies between two answers, however near their pictures come."""
    batch = forward.model.normalisation.apply(frames, forward.device)
    # Pictures that are answered alike have a neighbour that is answered otherwise far away.
    near = torch.cat([batch, *(scale * batch for scale in _FAR)])
    try:
        answers = torch.cat([forward.run(part) for part in near.split(len(batch))])
    except Exception:  # it looks at its input
        return False
    others = (answers != found[:1]).any(1).nonzero()
    if not len(others) or not _whole(answers):
        return False
    low, high = batch[0], near[int(others[0])]
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        said = forward.run(middle[None])
        if not _whole(said):
            return False  # probabilities that pictures of noise make extreme
        low, high = (middle, high) if bool((said == found[:1]).all()) else (low, middle)
    return True


def _check_shares(found: torch.Tensor) -> None:
    """Notice shares of something else than 1, such as percent, which look like logits."""
    total = float(found.sum(1).mean())
    if found.shape[1] < 2 or bool((found < 0).any()) or abs(total - 1) < 1e-3:
        return
    equal = float((found.sum(1) - total).abs().max()) < 1e-4 * total
    if equal and float((found.amax(0) - found.amin(0)).max()) > 1e-2 * total:
        raise ZollstockError(
            "models: family",
            f"the model returns shares that sum to {total:.4g} for every frame",
            "logits, or probabilities that sum to 1",
            f"Divide them by {total:.4g} at the end of forward, or return what comes before.",
        )


def _may_be_probability(found: torch.Tensor) -> bool:
    return found.shape[1] == 1 and bool(((found >= 0) & (found <= 1)).all())


def _between_0_and_1(found: torch.Tensor) -> bool:
    return bool(((found >= 0) & (found <= 1 + 1e-4)).all())  # NaN is not


def _ends_in_sigmoids(forward: Forward, frames: Frames, returned: torch.Tensor) -> bool:
    if not _between_0_and_1(returned):
        return False
    with _Noting() as noting:
        last = forward.outputs(frames[:1])
    if any(result.data_ptr() == last.data_ptr() for result in noting.results):
        return True
    return _saturates(forward, frames)


def _saturates(forward: Forward, frames: Frames) -> bool:
    """Return whether outputs go to 0 or 1, and never beyond, where input is far too large.

    A sigmoid may be written in other ways, or be rounded or clamped afterwards. Logits that
    happen to lie between 0 and 1 leave that range.
    """
    batch = forward.model.normalisation.apply(frames, forward.device)
    try:
        found = torch.cat([forward.run(scale * batch) for scale in _FAR]).double()
    except Exception:  # it looks at its input
        return False
    ends = bool(torch.minimum(found, 1 - found).amin() < _AT_ITS_END)
    return _between_0_and_1(found) and ends and bool(found.amax() - found.amin() > 0.1)


def _found_kind(forward: Forward, frames: Frames, returned: torch.Tensor) -> str:
    _check_numbers(forward, frames, returned)
    found = returned.double()
    _check_shares(found)
    if not _between_0_and_1(found):
        return "logits"
    if found.shape[1] > 1 and bool(((found.sum(1) - 1).abs() < 1e-3).all()):
        return "probabilities"
    if not _ends_in_sigmoids(forward, frames, returned):
        return "logits"
    if found.shape[1] == 1:
        return "probabilities"
    raise ZollstockError(
        "models: family",
        f"the model ends in {found.shape[1]} sigmoids, one a class, which do not exclude each "
        "other",
        "logits of classes of which one is true",
        "Set the model's outputs: sigmoid, and each class has a probability of its own.",
    )
