"""Settings of grids, and what they take from the properties they name."""

import pytest

from zollstock.errors import ZollstockError
from zollstock.plan.study import Plan
from zollstock.settings import parse_study

DRAWN = {"engine": "rendered", "latent": "fur_lightness", "start": 0.2}
EDITED = {"engine": "instruct_pix2pix", "checkpoint": "pets", "instruction": "make the fur lighter"}


def config(**grid):
    return {
        "study": "s",
        "images": {"source": "renderer"},
        "properties": {
            "fur": DRAWN,
            "ground": {"engine": "rendered", "latent": "background_brightness"},
            "edited": EDITED,
            "light": {"engine": "photometric", "operation": "brightness"},
            "both": {"engine": "grid", "first": "fur", "second": "ground"} | grid,
        },
        "models": {"m": {"trained_on": "unbiased"}},
    }


def test_a_grid_takes_the_settings_of_both_with_its_own_steps():
    plan = Plan(parse_study(config(steps=[5, 7]), "file"))
    settings = plan.paths["both"].settings
    assert set(settings) == {"engine", "first", "second"}
    first, second = settings["first"], settings["second"]
    assert (first["latent"], first["start"], first["steps"]) == ("fur_lightness", 0.2, 5)
    assert (second["latent"], second["steps"]) == ("background_brightness", 7)
    assert (plan.properties, plan.grids) == (["fur", "ground", "edited", "light"], ["both"])
    # It is measured, not tested.
    assert "both" not in plan.placebos_of


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"first": "fru"}, r"both\.first: names 'fru'.*Did you mean 'fur'"),
        ({"second": "edited"}, r"both\.second: names 'edited'; expected .*engine: rendered"),
        ({"second": "fur"}, r"both\.second: names 'fur', as first does"),
        ({"second": "both"}, r"both\.second: names 'both'"),
        ({"second": "light"}, r"both\.second: names 'light' \(pixels\) beside 'fur' \(drawn\)"),
        ({"steps": [5]}, r"both\.steps"),
        ({"steps": [5, 2]}, r"both\.steps"),
    ],
)
def test_a_wrong_grid_is_refused(change, message):
    with pytest.raises(ZollstockError, match=message):
        parse_study(config(**change), "file")


def test_the_files_of_both_are_watched(tmp_path):
    for name in ("left.png", "right.png"):
        (tmp_path / name).touch()
    masked = {"engine": "photometric", "operation": "blur"}
    study = config(first="light", second="blur")
    study["properties"]["light"]["mask"] = str(tmp_path / "left.png")
    study["properties"]["blur"] = masked | {"mask": str(tmp_path / "right.png")}
    both = Plan(parse_study(study, "file")).paths["both"]
    assert sorted(both.files()) == [str(tmp_path / f"{side}.png") for side in ("left", "right")]
    study["properties"]["blur"]["mask"] = {"segmenter": "owner/model", "classes": ["dog"]}
    plan = Plan(parse_study(study, "file"))
    assert plan.drawn_masks("both") == plan.drawn_masks("blur") != []
    assert plan.paths["both"].settings["second"]["mask"] == plan.drawn_masks("blur")[0]
