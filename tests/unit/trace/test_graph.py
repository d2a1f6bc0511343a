"""Causal graphs find what was built in, say how sure they are, and can be read again."""

import json

import numpy as np
import pytest
import torch
from scipy.stats import ttest_1samp
from torch import nn

from tests.unit.trace.nets import NETS, build
from zollstock.errors import ZollstockError
from zollstock.trace.exchange import read_json, write_graphml, write_json
from zollstock.trace.graph import causal_graph, members
from zollstock.trace.layers import find_wiring
from zollstock.trace.network import follow_class
from zollstock.trace.rules import RULES, explainn, paired, wide_parents
from zollstock.trace.stability import agreement_of, over_images, over_noise


class Built(nn.Module):
    """Output 0 is supported by b0, which reads a1, and suppressed by b2, which reads a3."""

    def __init__(self):
        super().__init__()
        self.a, self.b, self.c = (nn.Linear(4, 4), nn.Linear(4, 4), nn.Linear(4, 2))
        for layer in (self.a, self.b, self.c):
            nn.init.zeros_(layer.weight)
            nn.init.zeros_(layer.bias)
        with torch.no_grad():
            self.a.weight += torch.eye(4)
            self.b.weight[0, 1], self.b.weight[2, 3], self.b.weight[1, 0] = 1, 1, 1
            self.c.weight[0, 0], self.c.weight[0, 2], self.c.weight[1, 1] = 1, -0.5, 1

    def forward(self, x):
        return self.c(self.b(self.a(x).relu()).relu())


def built():
    network = follow_class(Built().double().eval(), 0)
    inputs = torch.rand(12, 4, generator=torch.Generator().manual_seed(0)).double() + 0.5
    return network, inputs, find_wiring(network, inputs)


def test_what_was_built_in_is_found_with_its_sign():
    network, inputs, wiring = built()
    found = causal_graph(network, inputs, wiring, 0)
    assert [(one.layer, one.unit) for one in found.nodes] == [
        ("c", 0), ("b", 0), ("b", 2), ("a", 1), ("a", 3)
    ]  # fmt: skip
    assert found.edges == ((1, 0), (2, 0), (3, 1), (3, 2), (4, 1), (4, 2))
    assert [one.effect > 0 for one in found.nodes[1:]] == [True, False, True, False]
    mean = inputs.mean(0)
    assert found.nodes[1].effect == pytest.approx(float(mean[1]))
    assert found.nodes[4].effect == pytest.approx(-0.5 * float(mean[3]))
    assert found.nodes[4].share == pytest.approx(
        found.nodes[4].effect / float(network.values(inputs).abs().mean())
    )
    assert all(one.q >= one.p for one in found.nodes[1:])
    assert found.tried == {"c": 4, "b": 4}
    assert members(found, ["a", "b"], [4, 4]).tolist() == [
        False, True, False, True, True, False, True, False
    ]  # fmt: skip


def test_a_floor_leaves_small_effects_out():
    network, inputs, wiring = built()
    found = causal_graph(network, inputs, wiring, 0, settings={"least": 0.95})
    assert found.units("b") == [0] and found.units("a") == [1]


def test_the_original_s_rule_sees_only_what_supports():
    network, inputs, wiring = built()
    found = causal_graph(network, inputs, wiring, 0, rule="explainn")
    assert found.units("b") == [0] and found.units("a") == [1]
    assert np.isnan(found.nodes[1].p)


def test_rules_are_the_formulas_that_they_name():
    rng = np.random.default_rng(0)
    whole = rng.normal(5, 1, 20)
    without = np.stack([whole - 2, whole - 0.02, whole + rng.normal(0, 1, 20), whole + 2])
    limit = whole.mean() - 1.65 * np.sqrt(whole.var(ddof=1) / 20 + whole.var(ddof=1) / 21)
    found = explainn(whole, without, {})
    assert found.kept.tolist() == (without.mean(1) < limit).tolist() == [True, False, False, False]
    near = 1.65 * np.sqrt(whole.var(ddof=1) / 20 + whole.var(ddof=1) / 21)
    close = np.stack([whole - 1.001 * near, whole - 0.999 * near])
    assert explainn(whole, close, {}).kept.tolist() == [True, False]
    only = explainn(whole, without[1:3], {})  # none passes: the fallback
    assert only.fallback and only.kept.tolist()[0]
    assert not explainn(whole, without[1:2], {"fallback": False}).kept.any()
    assert explainn(whole, without, {"top": 2}).kept.tolist()[:2] == [True, True]
    kept = paired(whole, without, {})
    assert kept.kept.tolist() == [True, False, False, True]  # .02 is no 1 %
    assert paired(whole, without, {"least": 0}).kept.tolist()[1]
    same = ttest_1samp(whole - without[2], 0.0).pvalue
    assert kept.p[2] == pytest.approx(same)
    noise = rng.normal(0, 1, (400, 20)) * 0.5
    assert paired(whole, whole + noise, {"least": 0}).kept.mean() < 0.02
    assert not paired(whole, np.stack([whole]), {}).kept.any()
    for rule in RULES.values():
        with pytest.raises(ZollstockError, match="one image"):
            rule(whole[:1], without[:, :1], {})


@pytest.mark.parametrize("name", NETS)
@pytest.mark.parametrize("rule", RULES)
def test_every_network_has_a_graph(name, rule):
    module, inputs = build(name)
    network = follow_class(module, 1)
    wiring = find_wiring(network, inputs)
    found = causal_graph(network, inputs, wiring, 1, rule=rule)
    assert found.nodes[0].layer == wiring.layers[-1].name
    for parent, child in found.edges:
        ends = [wiring.place(found.nodes[one].layer) for one in (parent, child)]
        assert ends[0] < ends[1] and any(link.source == ends[0] for link in wiring.into(ends[1]))
    again = causal_graph(network, inputs, wiring, 1, rule=rule)
    assert repr(again) == repr(found)


def test_files_are_read_again(tmp_path):
    networkx = pytest.importorskip("networkx")
    network, inputs, wiring = built()
    found = causal_graph(network, inputs, wiring, 0)
    write_json(found, tmp_path / "graph.json")
    assert repr(read_json(tmp_path / "graph.json")) == repr(found)
    write_graphml(found, tmp_path / "graph.graphml")
    read = networkx.read_graphml(tmp_path / "graph.graphml")
    assert [read.nodes[f"n{k}"]["unit"] for k in range(5)] == [0, 0, 2, 1, 3]
    assert read.nodes["n1"]["effect"] == found.nodes[1].effect and "p" not in read.nodes["n0"]
    assert set(read.edges) == {(f"n{one}", f"n{two}") for one, two in found.edges}
    held = json.loads((tmp_path / "graph.json").read_text())
    held["edges"].append([9, 0])
    (tmp_path / "bad.json").write_text(json.dumps(held))
    for text in (None, "no json", "[]", '{"version": 2}'):
        if text is not None:
            (tmp_path / "bad.json").write_text(text)
        with pytest.raises(ZollstockError, match="no causal graph"):
            read_json(tmp_path / "bad.json")


def test_mistakes_are_said():
    network, inputs, wiring = built()
    with pytest.raises(ZollstockError, match="paired"):
        causal_graph(network, inputs, wiring, 0, rule="pared")
    with pytest.raises(ZollstockError, match="0 to 1"):
        causal_graph(network, inputs, wiring, 2)


class Wide(nn.Module):
    """Two convolutions, flattened, whose 20 channels are a layer's parents; three classes."""

    def __init__(self):
        super().__init__()
        torch.manual_seed(0)
        self.one, self.two = nn.Conv2d(1, 20, 3, padding=1), nn.Linear(20 * 16, 6)
        self.three = nn.Linear(6, 3)

    def forward(self, x):
        return self.three(self.two(self.one(x).relu().flatten(1)).relu())


def wide(wide=12):
    network = follow_class(Wide().double().eval(), 1)
    inputs = torch.rand(5, 1, 4, 4, generator=torch.Generator().manual_seed(2)).double()
    settings = {"top": 3, "top_by": "kl", "wide": wide}
    wiring = find_wiring(network, inputs)
    return network, inputs, wiring, settings


def test_the_original_s_choice_of_weights_in_wide_layers():
    weights = np.random.default_rng(3).permutation(np.arange(1000) - 400.0)
    found = wide_parents(weights, {})
    wanted = [*range(-400, -350), *range(75, 125), *range(500, 600)]
    assert sorted(weights[found].tolist()) == wanted and found == sorted(found)
    assert wide_parents(weights[:600], {}) is None and wide_parents(weights[:601], {})
    assert wide_parents(weights, {"wide": None}) is None
    network, inputs, wiring, settings = wide()
    found = causal_graph(network, inputs, wiring, 1, rule="explainn", settings=settings)
    assert found.tried == {"three": 6, "two": 4}  # 2, 1 and 1 of 20
    last = max(found.units("two"))
    sums = network.module.two.weight[last].detach().reshape(20, 16).sum(1).numpy()
    chosen = np.argsort(sums)[[0, 9, 18, 19]]
    assert set(found.units("one")) <= set(chosen.tolist()) and len(found.units("one")) >= 3
    whole = causal_graph(network, inputs, wiring, 1, settings=settings | {"level": 1, "least": 0})
    assert whole.tried == {"three": 6, "two": 20}


def test_the_top_by_divergence_is_the_direct_loop():
    network, inputs, wiring, settings = wide(None)
    settings |= {"fallback": False}
    found = causal_graph(network, inputs, wiring, 1, rule="explainn", settings=settings)
    children, module, apart, without = found.units("two"), network.module, [], []
    before = module(inputs).detach()
    weight = module.two.weight.detach().clone()
    for parent in range(20):
        with torch.no_grad():
            module.two.weight[children, parent * 16 : (parent + 1) * 16] = 0
            after = module(inputs)
            module.two.weight.copy_(weight)
            lost = nn.functional.kl_div(after.log_softmax(1), before.softmax(1), reduction="none")
        apart.append(float(lost.sum(1).mean()))
        without.append(after[:, 1].numpy())
    kept = explainn(before[:, 1].numpy(), np.stack(without), {"fallback": False}).kept
    top = np.argsort(apart)[::-1][:3].tolist()
    assert set(found.units("one")) == {*top, *np.flatnonzero(kept).tolist()}
    assert not {*top} <= {*np.flatnonzero(kept).tolist()}
    with pytest.raises(ZollstockError, match="Did you mean 'kl'"):
        explainn(np.ones(3), np.ones((2, 3)), {"top": 1, "top_by": "kll"})
    with pytest.raises(ZollstockError, match="all classes"):
        explainn(np.ones(3), np.ones((2, 3)), {"top": 1, "top_by": "kl"})


def test_selections_agree_as_much_as_they_do():
    found = agreement_of([[1, 1, 0, 0], [1, 0, 1, 0], [1, 1, 0, 0]])
    np.testing.assert_allclose(found.appearance, [1, 2 / 3, 1 / 3, 0])
    assert found.jaccard == pytest.approx((1 / 3 + 1 + 1 / 3) / 3)
    assert found.mean_appearance == pytest.approx(2 / 3) and found.sizes == (2, 2, 2)
    assert agreement_of([[0, 0], [0, 0]]).jaccard == 1
    assert np.isnan(agreement_of([[0, 0], [0, 0]]).mean_appearance)
    assert np.isnan(agreement_of([[1, 0]]).jaccard)


def test_draws_hang_on_names_and_not_on_rows():
    names = [f"image {k}" for k in range(9)]
    seen = []

    def select(rows):
        seen.append(sorted(names[row] for row in rows))
        return np.array([names[row] == "image 3" for row in rows]).any(keepdims=True)

    one = over_images(select, names, 1, repeats=4, share=0.5)
    first, seen = seen, []
    names.reverse()
    assert over_images(select, names, 1, repeats=4, share=0.5).sizes == one.sizes
    assert first == seen and len(first[0]) == 4
    seen = []
    over_images(select, names, 1, repeats=3)
    assert all(len(rows) == 9 and len(set(rows)) < 9 for rows in seen)


def test_noise_is_apart_from_images():
    found = over_noise(lambda beta, repeat: np.array([True, beta * repeat < 1]), [0, 0.5], 4)
    assert found[0].jaccard == 1 and found[0.5].jaccard < 1
    np.testing.assert_allclose(found[0.5].appearance, [1, 0.5])
