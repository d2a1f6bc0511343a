"""The job's part that makes maps: who is asked, what is kept, what is left out and said."""

import numpy as np
import pytest
import torch

from zollstock.errors import ZollstockError
from zollstock.images.geometry import Geometry
from zollstock.images.reading import read_rgb
from zollstock.jobs import trace_attributions as trace_module
from zollstock.jobs.trace_attributions import trace_attributions
from zollstock.locate.differentiable import Differentiable
from zollstock.locate.gradients import gradient_maps
from zollstock.locate.kept import find_maps
from zollstock.models.card import Model
from zollstock.models.lenet import lenet
from zollstock.models.normalisation import Normalisation
from zollstock.settings.trace.attribution import AttributionSettings
from zollstock.trace.attributions import MEASURES, pictures_of
from zollstock.trace.graph_worth import Found
from zollstock.trace.layers import find_wiring
from zollstock.trace.network import follow_model
from zollstock.trace.structure import Graph, Node

NAN = float("nan")
METHODS = ["saliency", "ciu"]


class Small:
    """A model of three classes of grey pictures, as `zollstock.jobs.tracing.TracedModel` is."""

    def __init__(self):
        torch.manual_seed(0)
        norm = Normalisation((0.5,) * 3, (0.5,) * 3, 1)
        model = Model(lenet(3, 1).eval(), ("a", "b", "c"), Geometry(), norm)
        self.network = Differentiable(model)
        noise = np.random.default_rng(0).integers(0, 256, (3, 32, 32, 1))
        self.inputs = torch.from_numpy(noise).float()
        self.network.prepare(self.inputs)
        self.wiring = find_wiring(self.follow_class(0), self.inputs[:1])

    def following(self, index, output):
        return self.network.follow(output, index)

    def follow_class(self, index):
        return follow_model(self.following(index, "logit:predicted"))


def found_of(small, index, name, edges=((1, 0), (2, 1), (3, 2), (4, 3))):
    units = [("fc3", index), ("fc2", 3), ("fc1", 5), ("conv2", 2), ("conv1", 0)]
    nodes = [Node(layer, unit, 1.0, 1.0, NAN, NAN) for layer, unit in units]
    return Found(index, name, Graph(tuple(nodes[: len(edges) + 1]), edges, {}), small.inputs)


@pytest.fixture(scope="module")
def small():
    return Small()


def settings(methods=(), **given):
    return AttributionSettings(methods=list(methods), **given).job_settings()


def test_maps_of_graphs_and_methods_are_made_judged_and_kept(small, tmp_path, capsys):
    asked = settings(METHODS, images=2)
    bad = {"name": "lost", "kind": "gradient", "settings": {"name": "gradcam", "layer": "none"}}
    asked["methods"].append(bad)
    found = [found_of(small, 0, "a/b"), found_of(small, 1, "edgeless", ())]
    tables = trace_attributions(small, "m", found, asked, 1, tmp_path)
    table = tables["attributions"][0]
    names = ["causal graph", "random graph", *METHODS]
    assert list(dict.fromkeys(table["method"])) == names
    assert set(table["class"]) == {"a/b"} and set(table["image"]) == {0, 1}
    assert len(table) == 2 * len(names) * len(MEASURES)
    said = capsys.readouterr().err
    assert said.count("no maps by lost") == 1
    assert "no maps from the graph of edgeless" in said and "no convolution" in said
    ranking = tables["attribution_ranking"][0]
    assert set(ranking["method"]) == set(names) and (ranking["n"].isin([1, 2])).all()
    (place,) = (tmp_path / "pictures").iterdir()
    pictures = pictures_of(small.inputs)
    np.testing.assert_array_equal(read_rgb(place / "1.png"), pictures[1])
    maps, noted = find_maps(tmp_path / "maps", place.name, "1")
    assert noted["at"] == names and place.name.startswith("0-")
    # Methods are asked of the logit that the graph is of.
    logit = small.following(0, "logit:predicted")
    wanted = gradient_maps(logit, pictures[1:2], {"name": "saliency"}, 1)[0]
    np.testing.assert_allclose(maps[2], wanted, rtol=1e-5)


def test_a_method_that_fails_on_one_picture_is_not_compared_on_others(small, tmp_path, monkeypatch):
    last = pictures_of(small.inputs)[1]

    def fails_later(follow, frames, given, seed):
        if np.array_equal(frames[0], last):
            raise ZollstockError("method", "fails", "a map", "None.")
        return frames.mean(-1)

    monkeypatch.setattr(trace_module, "gradient_maps", fails_later)
    found = [found_of(small, 0, "a")]
    tables = trace_attributions(small, "m", found, settings(["saliency"]), 1, tmp_path)
    names = {"causal graph", "random graph"}
    assert set(tables["attributions"][0]["method"]) == names
    assert set(tables["attribution_ranking"][0]["method"]) == names


def test_no_graph_has_no_maps_and_a_wrong_layer_is_said(small, tmp_path):
    assert trace_attributions(small, "m", [], settings(), 1, tmp_path) == {}
    none = [found_of(small, 1, "edgeless", ())]
    assert trace_attributions(small, "m", none, settings(), 1, tmp_path) == {}
    with pytest.raises(ZollstockError, match="conv9"):
        wrong = settings(layer="conv9")
        trace_attributions(small, "m", [found_of(small, 0, "a")], wrong, 1, tmp_path)
