"""What the plan knows of locate: which files of the user it hangs on."""

import pytest

from zollstock.errors import ZollstockError
from zollstock.plan.study import Plan
from zollstock.settings import check_prerequisites, parse_study


def study_of(place, **grid):
    method = {"samples": {"random": 0.5, "number": 10}, "fill": "mean", "attribute": "rise"}
    given = {"segments": [{"grid": [2, 2]}], "samples": [{"single": "kept"}], "fill": ["mean"]}
    return parse_study(
        {
            "study": "s",
            "images": {"source": "renderer"},
            "properties": {"fur": {"engine": "rendered", "latent": "fur_lightness"}},
            "models": {"m": {"trained_on": "unbiased"}},
            "locate": {
                "methods": {"mine": method | {"segments": {"labels": place}}},
                "grid": given | {"attribute": ["rise"]} | grid,
            },
        },
        "file",
    )


@pytest.mark.parametrize("pattern", ["", "/{image}.png", "/table.csv"])
def test_label_pictures_are_inputs(pattern, tmp_path):
    (tmp_path / "a.png").touch()
    (tmp_path / "table.csv").write_text("image,path\na,a.png\n")
    study = study_of(f"{tmp_path}{pattern}", segments=[{"labels": f"{tmp_path}/a.png"}])
    files = Plan(study).locating.files()
    assert str(tmp_path / "a.png") in files
    assert (str(tmp_path / "table.csv") in files) == (pattern != "/{image}.png")
    check_prerequisites(study, "file")


def test_a_folder_that_is_not_there_is_told_at_the_start(tmp_path):
    for study in (study_of(f"{tmp_path}/x"), study_of("{image}", segments=[{"labels": "x"}])):
        with pytest.raises(ZollstockError, match=r"x \(locate\.(methods\.mine|grid)\.segments\.la"):
            check_prerequisites(study, "file")


def test_a_latent_says_where_a_property_is_unless_a_meter_does():
    plain = {"engine": "rendered", "latent": "stripes", "stop": 0.5}
    study = parse_study(
        {
            "study": "s",
            "images": {"source": "renderer"},
            "properties": {
                "fur": {"engine": "rendered", "latent": "fur_lightness", "meter": "fur_lightness"},
                "stripes": plain,
                "noise": {"engine": "photometric", "operation": "noise"},
            },
            "models": {"m": {"trained_on": "unbiased"}},
        },
        "file",
    )
    told = Plan(study).locating.job("m")["properties"]
    assert told["stripes"]["latent"] == {"name": "stripes", "ends": [0.0, 0.5]}
    assert "latent" not in told["fur"] and "latent" not in told["noise"]
