"""Which of a checkpoint's tensors belong to a model, under whatever names they were saved."""

import difflib
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import torch

from zollstock.errors import ZollstockError
from zollstock.models.weights import State

# What DataParallel, averages of weights, and torch.compile put into names.
_WRAPPERS = frozenset({"module", "_orig_mod"})
# Counters and indices, which change no output.
_HARMLESS = (
    "num_batches_tracked",
    "n_averaged",
    "position_ids",
    "total_ops",
    "total_params",
)


@dataclass(frozen=True)
class Fit:
    """Tensors under the names of a model.

    Attributes
    ----------
    name
        Where they lie in the file: of the set, and what stands before every name.
    state
        Name in the model → tensor.
    left
        Names in the set that the model has no place for.
    """

    name: str
    state: State
    left: list[str]


def load_into(
    module: torch.nn.Module, sets: Mapping[str, State], where: Path, key: str | None = None
) -> Fit:
    """Load the set of weights that fits a model, every tensor of the model from it.

    A set is tried as it is; then without what stands before all names (``module.``, ``model.``,
    ``_orig_mod.``).

    Parameters
    ----------
    module
        Is changed.
    sets
        Of `zollstock.models.weights.read_weights`.
    where
        The file, for messages.
    key
        Which set to take, where several fit.

    Raises
    ------
    ZollstockError
        If none fits, or if several do that are not alike.
    """
    wanted = module.state_dict()
    fits = _chosen([fit for name, state in sets.items() for fit in _fits(wanted, name, state)], key)
    if not fits:
        raise _no_fit(wanted, sets, where, key)
    if any(not _alike(fits[0].state, other.state) for other in fits[1:]):
        names = [fit.name or "the file itself" for fit in fits]
        raise ZollstockError(
            where,
            f"holds {len(fits)} sets of weights that fit: {', '.join(names)}",
            "one of them to be chosen",
            f"Set the model's key, e.g. key: {next(fit.name for fit in fits if fit.name)}.",
        )
    module.load_state_dict(fits[0].state, strict=False)  # all that counts is there
    return fits[0]


def _chosen(fits: list[Fit], key: str | None) -> list[Fit]:
    if key is None:
        return fits
    exact = [fit for fit in fits if fit.name == key]
    return exact or [
        fit for fit in fits if fit.name.startswith(f"{key}.") or fit.name.endswith(f".{key}")
    ]


def _alike(one: State, two: State) -> bool:
    return all(torch.equal(one[name], two[name]) for name in one)


def _fits(wanted: State, name: str, state: State) -> list[Fit]:
    """Return the ways in which a set fits: as it is or less a prefix, or else less all wrappers."""
    found = {prefix: _without(wanted, state, prefix) for prefix in _prefixes(wanted, state)}
    found = {prefix: names for prefix, names in found.items() if _complete(wanted, state, names)}
    fits = []
    for prefix, names in found.items():
        # Beside the model a file may hold other ones, and parts of a training.
        others = tuple(other for other in found if other.startswith(prefix) and other != prefix)
        own = [key for key in state if key.startswith(prefix) and not key.startswith(others)]
        if all(key in names or key.endswith(_HARMLESS) for key in own):
            fits.append(_fit(".".join(filter(None, [name, prefix[:-1]])), state, names))
    plain = {_plain(key): key for key in wanted}
    if not fits and len(plain) == len(wanted):
        names = {key: plain[_plain(key)] for key in state if _plain(key) in plain}
        unique = len(set(names.values())) == len(names)
        strange = [key for key in state if key not in names and not key.endswith(_HARMLESS)]
        if unique and not strange and _complete(wanted, state, names):
            fits.append(_fit(name, state, names))
    return fits


def _fit(name: str, state: State, names: Mapping[str, str]) -> Fit:
    left = [key for key in state if key not in names and not key.endswith(_HARMLESS)]
    return Fit(name, {there: state[key] for key, there in names.items()}, left)


def _without(wanted: State, state: State, prefix: str) -> dict[str, str]:
    """Return name in a set → name in the model, of what begins with a prefix."""
    names = {key: key.removeprefix(prefix) for key in state if key.startswith(prefix)}
    return {key: there for key, there in names.items() if there in wanted}


def _complete(wanted: State, state: State, names: Mapping[str, str]) -> bool:
    """Return whether nothing that a model needs is missing, or of another shape."""
    found = {there: state[key].shape for key, there in names.items()}
    return all(
        found[name] == value.shape if name in found else name.endswith(_HARMLESS)
        for name, value in wanted.items()
    )


def _prefixes(wanted: State, state: State) -> list[str]:
    """Return what stands before a model's first name in a set, each with its dot, or nothing."""
    first = next((name for name in wanted if not name.endswith(_HARMLESS)), "")
    return [key.removesuffix(first) for key in state if key == first or key.endswith(f".{first}")]


def _plain(name: str) -> str:
    return ".".join(part for part in name.split(".") if part not in _WRAPPERS)


def _no_fit(
    wanted: State, sets: Mapping[str, State], where: Path, key: str | None
) -> ZollstockError:
    """Return what keeps the nearest set from fitting, and what the file holds."""
    if key is not None and not any(
        name == key or name.endswith(f".{key}") or any(k.startswith(f"{key}.") for k in state)
        for name, state in sets.items()
    ):
        return ZollstockError(
            where,
            f"holds no weights called '{key}'",
            f"one of {_held(sets)}",
            "Correct or remove the model's key.",
        )
    # Where a model has both `module.head` and `head`, wrappers cannot be left out.
    short = _plain if len({*map(_plain, wanted)}) == len(wanted) else str
    plain = {short(name): value for name, value in wanted.items()}
    nearest, names = max(
        (
            (name, {short(k.removeprefix(prefix)): value for k, value in state.items()})
            for name, state in sets.items()
            for prefix in {"", *_first_parts(state)}
        ),
        key=lambda found: (sum(name in plain for name in found[1]), -len(found[1])),
    )
    missing = [name for name in plain if name not in names and not name.endswith(_HARMLESS)]
    surplus = [name for name in names if name not in plain and not name.endswith(_HARMLESS)]
    shapes = [
        f"{name} has shape {tuple(names[name].shape)} instead of {tuple(value.shape)}"
        for name, value in plain.items()
        if name in names and names[name].shape != value.shape
    ]
    problems = []
    if missing:
        near = difflib.get_close_matches(missing[0], surplus, n=1, cutoff=0.6)
        first = missing[0] + (f"; the nearest there is {near[0]}" if near else "")
        problems.append(f"lacks {len(missing)} tensors (first: {first})")
    if surplus:
        problems.append(f"has {len(surplus)} unknown tensors (first: {surplus[0]})")
    if shapes:
        problems.append(f"{len(shapes)} tensors differ in shape ({shapes[0]})")
    more = f" (in '{nearest}'; the file holds {_held(sets)})" if len(sets) > 1 else ""
    head = _other_head(plain, names) if not missing and not surplus else None
    if head is not None:
        problems.append(f"its head has {head[1]} outputs, '{head[0]}'")
    return ZollstockError(
        where,
        "does not fit the architecture: " + "; ".join(problems) + more,
        "a checkpoint of the model that family and arguments describe",
        "Correct family or arguments in the config."
        if head is None
        else f"Name {head[1]} classes, in the order of its outputs.",
    )


def _other_head(wanted: State, found: State) -> tuple[str, int] | None:
    """Return the one layer that has another number of outputs, and the number; None if others."""
    differ = [name for name, value in wanted.items() if found[name].shape != value.shape]
    layers = {name.rpartition(".")[0] for name in differ}
    if len(layers) != 1 or any(found[n].shape[1:] != wanted[n].shape[1:] for n in differ):
        return None
    return layers.pop(), int(found[differ[0]].shape[0])


def _first_parts(state: State) -> list[str]:
    """Return what many names of a set have before their first dot, with the dot."""
    parts = Counter(key.partition(".")[0] + "." for key in state)
    return [part for part, count in parts.items() if 3 * count >= len(state)]


def _held(sets: Mapping[str, State]) -> str:
    shown = [f"{name or 'the file itself'} ({len(state)} tensors)" for name, state in sets.items()]
    return ", ".join(shown[:6]) + (f" and {len(shown) - 6} others" if len(shown) > 6 else "")
