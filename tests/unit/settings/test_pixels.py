"""Settings of properties that are computed on pixels."""

from pathlib import Path

import numpy as np
import pytest

from zollstock.engines.pixels.knobs import BACKGROUNDS, KNOBS
from zollstock.engines.pixels.operations import OPERATIONS
from zollstock.errors import ZollstockError
from zollstock.plan.study import Plan
from zollstock.settings import check_prerequisites, parse_study


def study_of(prop, **sections):
    config = {
        "study": "s",
        "images": {"source": "renderer"},
        "properties": {"p": prop},
        "models": {"m": {"trained_on": "unbiased"}},
    }
    return parse_study(config | sections, "file")


def made(prop):
    """What the engine is given."""
    return Plan(study_of(prop)).paths["p"].settings


def light(operation="brightness", **keys):
    return {"engine": "photometric", "operation": operation} | keys


def test_every_operation_is_a_choice_of_one_engine():
    for name, knob in KNOBS.items():
        engine = "geometric" if knob.moves else "photometric"
        settings = made({"engine": engine, "operation": name})
        assert settings["engine"] == engine
        assert (settings["start"], settings["stop"]) == (knob.start, knob.stop)
    assert set(OPERATIONS) == set(KNOBS)
    for name in BACKGROUNDS:
        picture = {"picture": "p.png"} if name == "picture" else {}
        made({"engine": "background", "operation": name, "mask": "middle"} | picture)


@pytest.mark.parametrize(
    ("prop", "ends"),
    [
        (light(), (-0.8, 0.8)),
        (light(stop=0.5), (-0.5, 0.5)),
        (light(stop=2), (-1, 2)),
        (light(stop=-0.5), (0, -0.5)),
        (light(start=0, stop=0.5), (0, 0.5)),
        (light("blur", stop=3), (0, 3)),
        (light("sharpness"), (-1, 3)),
        ({"engine": "overlay", "text": "x", "stop": 0.6}, (0, 0.6)),
        ({"engine": "overlay", "text": "x"}, (0, 1)),
        ({"engine": "geometric", "operation": "rotate", "stop": 10}, (-10, 10)),
    ],
)
def test_an_axis_has_two_sides_where_its_knob_has_them(prop, ends):
    settings = made(prop | {"steps": 16} if ends == (-1, 2) else prop)
    assert (settings["start"], settings["stop"]) == ends


def test_frames_hang_on_masks_but_not_on_how_they_are_measured():
    settings = made(light(mask="middle", where="outside", title="t", keeps_edges=True))
    assert settings["mask"] == "middle" and settings["where"] == "outside"
    assert not {"title", "keeps_edges", "meter", "direction", "clip", "placebo"} & set(settings)


def test_what_is_drawn_may_have_replicates_that_are_no_setting_of_frames():
    for prop in (light("noise"), {"engine": "overlay", "text": "x", "width": [0.1, 0.2]}):
        paths = Plan(study_of(prop | {"replicates": 4})).paths["p"]
        assert list(paths.draws) == [0, 1, 2, 3] and "replicates" not in paths.settings


def test_the_ledger_is_told_what_is_known():
    plan = Plan(study_of(light(mask="middle", where="outside", fit="pad")))
    meter = plan.paths["p"].meter
    assert meter["known"] and meter["outside"] and meter["fit"] == "pad"
    rendered = Plan(study_of({"engine": "rendered", "latent": "fur_hue"})).paths["p"].meter
    assert not rendered["outside"] and rendered["fit"] == "stretch"


@pytest.mark.parametrize(
    ("prop", "message"),
    [
        (
            light(stop=11),
            r"p\.stop: is 11; expected -1 to 10 .channels × .1 \+ value.: −1 is black",
        ),
        (light("blur", start=-1), r"p\.start: is -1; expected 0 to 200"),
        (light(start=0.5, stop=0.5), "has start and stop both at 0.5"),
        (light(steps=16), r"p\.steps: is 16, but the axis runs from -0.8 to 0.8.*Use 1[57]\."),
        (light(start=-1, stop=2, steps=17), r"runs from -1 to 2; .*Use 16\."),
        (light(start=-0.1, stop=np.pi, steps=17), r"Use start: -3.14159, or start: 0"),
        (light("sharp"), "'sharp'"),
        ({"engine": "photometric"}, r"operation: is missing"),
        ({"engine": "overlay"}, "has neither picture nor text.*Set it"),
        ({"engine": "overlay", "text": "a", "picture": "b"}, "has picture and text"),
        ({"engine": "overlay", "text": "  "}, "words, not blanks alone"),
        ({"engine": "overlay", "text": "a", "width": [0.5, 0.1]}, r"width: is \[0.5, 0.1\]"),
        ({"engine": "overlay", "text": "a", "places": "c", "position": "random"}, "beside places"),
        ({"engine": "overlay", "text": "a", "colour": [0, 0, 256]}, "255 or less"),
        ({"engine": "background", "operation": "blur"}, r"mask: is missing"),
        (
            {"engine": "background", "operation": "picture", "mask": "middle"},
            r"picture: is missing beside the operation 'picture'",
        ),
        (
            {"engine": "background", "operation": "blur", "mask": "middle", "picture": "a"},
            r"picture: is given beside the operation 'blur'",
        ),
        ({"engine": "blend"}, r"picture: is missing"),
        (light(replicates=3), r"replicates: is 3, but nothing is drawn"),
        ({"engine": "geometric", "operation": "rotate", "corners": "black"}, "corners: is 'black'"),
    ],
)
def test_what_is_wrong_is_named(prop, message):
    with pytest.raises(ZollstockError, match=message):
        study_of(prop)


def test_files_are_sought_before_a_run_and_listed_as_inputs(tmp_path):
    overlay = {"engine": "overlay", "picture": f"{tmp_path}/logo.png", "mask": f"{tmp_path}/masks"}
    with pytest.raises(ZollstockError, match=r"logo.png \(properties.p.picture\)") as raised:
        check_prerequisites(study_of(overlay), "file")
    assert "masks (properties.p.mask)" in str(raised.value)
    (tmp_path / "masks").mkdir()
    for name in ("logo.png", "masks/a.png", "masks/b.png"):
        (tmp_path / name).touch()
    (tmp_path / "t.csv").write_text("image,path\na,masks/a.png\nb,none.png\n")
    check_prerequisites(study_of(overlay), "file")
    paths = Plan(study_of(overlay)).paths["p"]
    assert sorted(paths.files()) == [
        f"{tmp_path}/{n}" for n in ("logo.png", "masks/a.png", "masks/b.png")
    ]
    assert sorted(paths.masks()) == [f"{tmp_path}/masks/{n}.png" for n in "ab"]
    for mask, names in {
        "t.csv": ["masks/a.png", "t.csv"],
        "masks/{image}.png": ["masks/a.png", "masks/b.png"],
    }.items():
        paths = Plan(study_of(light(mask=f"{tmp_path}/{mask}"))).paths["p"]
        assert sorted(paths.files()) == [f"{tmp_path}/{name}" for name in names]
    middle = study_of(light(mask="middle 0.5"))
    check_prerequisites(middle, "file")
    assert not Plan(middle).paths["p"].files() and not Plan(middle).paths["p"].masks()


def test_the_page_tells_every_knob_as_it_is():
    page = (Path(__file__).parents[3] / "docs" / "photographs.md").read_text()
    for name, knob in [*KNOBS.items(), *BACKGROUNDS.items()]:
        row = (
            f"| `{name}` | {knob.start:g} to {knob.stop:g} | {knob.least:g} to {knob.most:g} | "
            f"{knob.unit or '–'} | {knob.meaning} |"
        )
        assert row in page, f"docs/photographs.md lacks the row\n{row}"
