"""Models in rows and columns."""

import pytest

from zollstock.arrangement import arranged
from zollstock.errors import ZollstockError
from zollstock.settings import parse_study

GIVEN = {"rows": {"vit": "ViT", "resnet": "ResNet"}, "columns": {"clean": "clean", "b": "biased"}}


def study(models, **more):
    return parse_study(
        {
            "study": "s",
            "images": {"source": "renderer"},
            "properties": {"fur": {"engine": "rendered", "latent": "fur_lightness"}},
            "models": {name: {"trained_on": "unbiased"} for name in models},
            "figures": {"arrange": GIVEN | more},
        },
        "file",
    )


def test_models_are_found_by_the_parts_of_their_names():
    given = study(["vit_clean", "vit_b", "resnet_b"]).figures.arrange.model_dump()
    found = arranged(given, ["vit_clean", "vit_b", "resnet_b"])
    assert found.rows == ["ViT", "ResNet"]
    assert found.columns == ["clean", "biased"]
    assert found.models == [["vit_clean", "vit_b"], [None, "resnet_b"]]
    turned = study(["b-vit", "clean-resnet"], names="{column}-{row}").figures.arrange
    assert arranged(turned.model_dump(), ["b-vit", "clean-resnet"]).models == [
        [None, "b-vit"],
        ["clean-resnet", None],
    ]


@pytest.mark.parametrize(
    ("models", "more", "words"),
    [
        (["vit_clean", "vit_b"], {}, "arrange.rows: has 'resnet', and no model is called resnet_"),
        (["vit_clean", "resnet_clean"], {}, "arrange.columns: has 'b', and no model .* {row}_b"),
        (["vit_clean", "resnet_b", "odd"], {}, "arrange: has no place for the model 'odd'"),
        (["vit_clean", "resnet_b"], {"names": "{row}"}, r"arrange\.names"),
    ],
)
def test_what_has_no_place_is_told(models, more, words):
    with pytest.raises(ZollstockError, match=words):
        study(models, **more)
