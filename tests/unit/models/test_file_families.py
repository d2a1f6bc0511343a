"""Families of a file: timm's and torchvision's weights, ONNX, exported programs."""

import importlib
import json
import pickle
import warnings
import zipfile
from pathlib import Path

import numpy as np
import pytest
import safetensors.torch
import torch
from torch import nn

from zollstock.errors import ZollstockError
from zollstock.images.geometry import Geometry
from zollstock.inference.run import Runner
from zollstock.jobs.import_checkpoint import import_checkpoint
from zollstock.models.card import load_model
from zollstock.models.extras import imported
from zollstock.models.families import exported
from zollstock.settings.families import ExportedModel, OnnxModel, TimmModel, TorchvisionModel

FRAMES = np.random.default_rng(0).integers(0, 256, (5, 40, 52, 3), dtype=np.uint8)
NAMES = ["a", "b", "c"]
OWN = {"preprocessing": {"size": 32, "fit": "crop"}, "classes": ["cat", "dog", "bee"]}


def needs(module):
    """Skip unless a module can be imported; one that does not fit torch fails in its own ways."""
    try:
        return importlib.import_module(module)
    except Exception as error:
        return pytest.skip(f"{module}: {error}")


def run(settings, at, **more):
    files = at / "kept.safetensors", at / "kept.json"
    import_checkpoint(model=settings.job_settings() | more, weights=files[0], card=files[1])
    return load_model(*files), json.loads(files[1].read_text())


@pytest.fixture
def net():
    torch.manual_seed(0)
    return nn.Sequential(
        nn.Conv2d(3, 4, 5, stride=3),
        nn.ReLU(),
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
        nn.Linear(4, 3),
    ).eval()


def same(model, net):
    frames = model.geometry.apply(FRAMES)
    with torch.inference_mode():
        expected = net(model.normalisation.apply(frames)).numpy()
    found = Runner(model, device="cpu", batch_size=2).logits(frames)
    np.testing.assert_allclose(found, expected, atol=1e-4)
    assert np.abs(expected - expected[:1]).max() > 1e-3


def test_timm_builds_the_model_and_knows_its_preprocessing(tmp_path):
    timm = needs("timm")
    net = timm.create_model("resnet10t.c3_in1k", num_classes=3).eval()
    torch.save({"state_dict": net.state_dict()}, tmp_path / "w.pth")
    keys = {"name": "resnet10t.c3_in1k", "weights": str(tmp_path / "w.pth")}
    model, card = run(TimmModel(family="timm", classes=NAMES, **keys), tmp_path)
    assert model.geometry == Geometry((176, 176), "bicubic", "crop", int(176 / 0.875))
    assert card["imported_from"] == keys["weights"]
    same(model, net)
    safetensors.torch.save_file(net.state_dict(), tmp_path / "model.safetensors")
    hub = TimmModel(family="timm", classes=NAMES, name=keys["name"])
    fetched, card = run(hub, tmp_path, folder=str(tmp_path))
    assert card["imported_from"] == "timm/resnet10t.c3_in1k"
    same(fetched, net)
    with pytest.raises(ZollstockError, match=r"'resnet10x', which timm .*Did you mean 'resnet10t'"):
        run(TimmModel(family="timm", **keys | {"name": "resnet10x"}), tmp_path)
    with pytest.raises(ZollstockError, match=r"head has 3 outputs, 'fc'.*Name 3 classes"):
        run(TimmModel(family="timm", classes="imagenet", **keys), tmp_path)


def test_torchvision_builds_the_model_and_knows_its_preprocessing(tmp_path):
    models = needs("torchvision.models")
    net = models.get_model("squeezenet1_1", weights=None, num_classes=3).eval()
    torch.save(net.state_dict(), tmp_path / "w.pth")
    keys = {"name": "squeezenet1_1", "weights": str(tmp_path / "w.pth")}
    model, _ = run(TorchvisionModel(family="torchvision", classes=NAMES, **keys), tmp_path)
    assert model.geometry == Geometry((224, 224), "bilinear", "crop", 256)
    assert model.normalisation.mean == (0.485, 0.456, 0.406)
    same(model, net)
    with pytest.raises(ZollstockError, match=r"which torchvision does not know"):
        run(TorchvisionModel(family="torchvision", **keys | {"name": "resnet5"}), tmp_path)
    with pytest.raises(ZollstockError, match=r"preset: is 'V9'.*IMAGENET1K_V1"):
        run(
            TorchvisionModel(family="torchvision", classes=NAMES, preset="V9", **keys),
            tmp_path,
        )


@pytest.mark.parametrize("family", ["timm", "torchvision", "onnx"])
def test_a_package_that_is_missing_is_named_with_its_command(family, tmp_path, monkeypatch):
    module = importlib.import_module(f"zollstock.models.families.{family}")
    (tmp_path / "m.onnx").write_bytes(b"x")

    def absent(name, *rest):
        raise ModuleNotFoundError(f"No module named '{name}'", name=name.partition(".")[0])

    monkeypatch.setattr("zollstock.models.extras.importlib.import_module", absent)
    with pytest.raises(ZollstockError, match=r"is not installed.*Run: pip install"):
        if family == "onnx":
            settings = OnnxModel(family="onnx", weights=str(tmp_path / "m.onnx"), **OWN)
            module.read(settings.model_dump())
        else:
            module.build("resnet18", {}, 2)


def test_a_package_that_is_broken_says_why(tmp_path, monkeypatch):
    (tmp_path / "brokenpkg.py").write_text("raise RuntimeError('operator x does not exist')\n")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(ZollstockError, match=r"cannot be imported \(operator x does not exist\)"):
        imported("brokenpkg", "pip install brokenpkg")


def onnx_file(path, net):
    """Write the net by hand: torch's exporter wants one more package."""
    onnx = needs("onnx")
    h = onnx.helper
    named = {"cw": net[0].weight, "cb": net[0].bias, "w": net[4].weight, "b": net[4].bias}
    arrays = {name: value.detach().numpy() for name, value in named.items()}
    nodes = [
        h.make_node("Conv", ["x", "cw", "cb"], ["c"], strides=[3, 3]),
        h.make_node("Relu", ["c"], ["r"]),
        h.make_node("GlobalAveragePool", ["r"], ["p"]),
        h.make_node("Flatten", ["p"], ["f"]),
        h.make_node("Gemm", ["f", "w", "b"], ["y"], transB=1),
    ]
    kind = onnx.TensorProto.FLOAT
    graph = h.make_graph(
        nodes,
        "net",
        [h.make_tensor_value_info("x", kind, ["n", 3, 32, 32])],
        [h.make_tensor_value_info("y", kind, ["n", 3])],
        [onnx.numpy_helper.from_array(value, name) for name, value in arrays.items()],
    )
    model = h.make_model(graph, opset_imports=[h.make_opsetid("", 17)], ir_version=9)
    path.write_bytes(model.SerializeToString())


def test_onnx_gives_what_the_module_gave(net, tmp_path):
    needs("onnxruntime")
    onnx_file(tmp_path / "net.onnx", net)
    settings = OnnxModel(family="onnx", weights=str(tmp_path / "net.onnx"), **OWN)
    model, card = run(settings, tmp_path)
    assert (card["outputs"], card["proved"], card["parameters"]) == ("logits", True, 0)
    Path(settings.weights).unlink()  # what is kept is whole
    same(model, net)
    wrong = settings.model_copy(update={"output": "z"})
    onnx_file(tmp_path / "net.onnx", net)
    with pytest.raises(ZollstockError, match=r"models: output: is 'z'; expected one of y"):
        run(wrong, tmp_path)


@pytest.mark.parametrize("content", [b"", b"no model"])
def test_bytes_that_are_no_onnx_are_refused(content, tmp_path):
    needs("onnxruntime")
    (tmp_path / "net.onnx").write_bytes(content)
    with pytest.raises(ZollstockError, match=r"is empty|onnxruntime refuses the file"):
        run(OnnxModel(family="onnx", weights=str(tmp_path / "net.onnx"), **OWN), tmp_path)


@pytest.fixture
def program(net, tmp_path):
    batch = torch.export.Dim("n", min=1, max=512)
    given = torch.randn(2, 3, 32, 32)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = torch.export.export(net, (given,), dynamic_shapes=({0: batch},))
        torch.export.save(found, tmp_path / "net.pt2")
    return tmp_path / "net.pt2"


def test_an_exported_program_gives_what_the_module_gave(program, net, tmp_path):
    settings = ExportedModel(family="exported", weights=str(program), trusted=True, **OWN)
    model, card = run(settings, tmp_path)
    program.unlink()
    assert card["proved"]
    same(model, net)


def test_a_program_is_to_be_trusted(program):
    settings = ExportedModel(family="exported", weights=str(program), **OWN)
    asks = lambda: settings.check_files("f: models.a"), lambda: exported.read(settings.model_dump())
    for ask in asks:
        with pytest.raises(ZollstockError, match=r"trusted: is not set, and .* is a program"):
            ask()


class Evil:
    def __reduce__(self):
        return (Path.touch, (Path("harm"),))


def test_nothing_in_an_exported_program_is_unpickled(program, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with zipfile.ZipFile(program) as whole:
        files = {name: whole.read(name) for name in whole.namelist()}
    spoilt = [name for name in files if "/data/" in name and not name.endswith(".json")]
    assert spoilt
    config = next((name for name in files if name.endswith("weights_config.json")), None)
    if config:
        told = json.loads(files[config])
        for entry in told["config"].values():
            entry["use_pickle"] = True
        files[config] = json.dumps(told).encode()
    for name in spoilt:
        files[name] = pickle.dumps(Evil())
    with zipfile.ZipFile(program, "w", zipfile.ZIP_STORED) as whole:
        for name, content in files.items():
            whole.writestr(name, content)
    settings = ExportedModel(family="exported", weights=str(program), trusted=True, **OWN)
    with pytest.raises(ZollstockError, match="no program that can be read"):
        run(settings, tmp_path)
    assert not (tmp_path / "harm").exists()
    assert pickle.loads is not None and torch.load.__name__ == "load"


def test_foreign_bytes_are_no_program(tmp_path):
    (tmp_path / "x.pt2").write_bytes(b"nothing")
    settings = ExportedModel(
        family="exported", weights=str(tmp_path / "x.pt2"), trusted=True, **OWN
    )
    with pytest.raises(ZollstockError, match="is no program that can be read"):
        run(settings, tmp_path)
