"""What zollstock uses of diffusers without a promise must be there, and only in one place."""

import importlib
import inspect
import re
from pathlib import Path

import diffusers
import pytest

from zollstock.engines.diffusion import internals

FOLDER = Path(internals.__file__).parent


def found(place):
    """Return what stands at ``module:attribute`` or ``module.Class:method``."""
    where, name = place.split(":")
    try:
        owner = importlib.import_module(where)
    except ModuleNotFoundError:
        module, _, owner_name = where.rpartition(".")
        owner = getattr(importlib.import_module(module), owner_name, None)
    return getattr(owner, name, None)


@pytest.mark.parametrize("place", internals.USED)
def test_the_installed_diffusers_has_what_is_used(place):
    there = found(place)
    assert there is not None, (
        f"diffusers {diffusers.__version__} has no {place} any more: mend its use in "
        "zollstock/engines/diffusion, or bound diffusers in pyproject.toml"
    )
    takes = list(inspect.signature(there).parameters)
    ours = [name for name in takes if name in internals.USED[place]]
    wanted = list(internals.USED[place])
    told = f"diffusers {diffusers.__version__}: {place} takes {takes}, not {wanted}"
    if place.endswith(":__call__"):
        assert set(wanted) <= set(takes), told  # by name
    else:
        assert ours == wanted, told


def test_a_place_that_is_gone_is_seen():
    assert found("diffusers.FluxPipeline:_pack_dishes") is None
    assert found("diffusers.NoPipeline:_pack_latents") is None


def test_no_other_module_touches_a_private_name_of_a_pipeline():
    private = re.compile(r"\b(?:pipeline|unet|vae|transformer|scheduler)\._[a-z]")
    guilty = [
        file.name
        for file in FOLDER.glob("*.py")
        if file.name != "internals.py" and private.search(file.read_text())
    ]
    assert guilty == []
