"""Effects of units and edges are those of a network that is really changed, and none is."""

import copy

import pytest
import torch

from tests.unit.trace.nets import NETS, build
from zollstock.errors import ZollstockError
from zollstock.trace.edges import each_edge, parents, received_through, weights_of
from zollstock.trace.effects import edge_effects, unit_effects
from zollstock.trace.interventions import Context, find_intervention, known_interventions
from zollstock.trace.layers import find_wiring
from zollstock.trace.network import Network, follow_class, logits_of
from zollstock.trace.path_interventions import parent_effects
from zollstock.trace.units import find_sites, known_kinds

NAMES = ("a", "b", "c", "d")


def cut_copy(module, layer, edge, value=0.0):
    """The original's way: write into the weights of a copy."""
    other = copy.deepcopy(module)
    weight = other.get_submodule(layer.path).weight.data
    child, parent = edge
    if layer.groups > 1:
        weight[child, 0] = value
    else:
        weight[child, parent * layer.block : (parent + 1) * layer.block] = value
    return other


@pytest.mark.parametrize("name", [name for name in NETS if name != "twice"])
@pytest.mark.parametrize("kind", ["hard", "soft"])
def test_edges_are_cut_as_by_writing_weights(name, kind):
    module, inputs = build(name)
    before = copy.deepcopy(module.state_dict())
    network = follow_class(module, 0)
    for layer in find_wiring(network, inputs).layers:
        context = Context({"beta": 0.3}, (1,))
        found = edge_effects(network, inputs, layer, kind, context=context, rows=64)
        edges = each_edge(layer)
        assert found.without.shape == (len(edges), 4)
        u = 0.0
        if kind == "soft":
            named = Context({"beta": 0.3}, (1, layer.name))
            u = float(find_intervention("soft").replacement(torch.zeros(1).double(), named))
            assert 0.3 <= u <= 0.31
        for place in range(0, len(edges), max(1, len(edges) // 5)):
            other = cut_copy(module, layer, edges[place].tolist(), u)
            with torch.no_grad():
                expected = logits_of(other(inputs))[:, 0]
            torch.testing.assert_close(found.without[place], expected, rtol=1e-9, atol=1e-9)
    after = module.state_dict()
    assert all(torch.equal(before[key], after[key]) for key in before)


def test_a_module_used_twice_is_cut_at_one_call_only():
    module, inputs = build("twice")
    network = follow_class(module, 1)
    layer = find_wiring(network, inputs).layers[2]
    found = edge_effects(network, inputs, layer, rows=7)
    with torch.no_grad():
        x = module.same(module.first(inputs).relu()).tanh()
        weight = module.same.weight.clone()
        weight[2, 3] = 0
        y = torch.nn.functional.linear(x, weight, module.same.bias)
        expected = module.head(y)[:, 1]
    torch.testing.assert_close(found.without[2 * 5 + 3], expected)


@pytest.mark.parametrize("name", NETS)
def test_units_are_replaced_alone_and_in_any_batches(name):
    module, inputs = build(name)
    network = follow_class(module, 0)
    wiring = find_wiring(network, inputs)
    for site in find_sites(network, inputs, wiring, known_kinds()):
        found = unit_effects(network, inputs, site)
        few = unit_effects(network, inputs, site, rows=3)
        torch.testing.assert_close(found.without, few.without)
        path, call, side = site.place
        count, unit = [0], site.units - 1

        def zero(value, site=site, unit=unit):
            value = value.clone().movedim(site.axis, 0)
            value[unit * site.size : (unit + 1) * site.size] = 0
            return value.movedim(0, site.axis)

        def hook(_, given, out=None, call=call, count=count, zero=zero):
            count[0] += 1
            if count[0] - 1 != call:
                return None
            return zero(out) if out is not None else (zero(given[0]), *given[1:])

        one = module.get_submodule(path)
        register = (
            one.register_forward_hook if side == "returned" else (one.register_forward_pre_hook)
        )
        handle = register(hook)
        with torch.no_grad():
            expected = logits_of(module(inputs))[:, 0]
        handle.remove()
        torch.testing.assert_close(found.without[unit], expected)


@pytest.mark.parametrize("kind", known_interventions())
def test_units_get_what_the_intervention_says(kind):
    module, inputs = build("lenet")
    network = follow_class(module, 0)
    site = find_sites(network, inputs, find_wiring(network, inputs))[1]
    others = inputs.flip(0)
    context = Context({"beta": 0.2, "share": 0.25}, (3,), NAMES, None, NAMES[::-1])
    found = unit_effects(network, inputs, site, kind, context=context, others=others)
    with torch.no_grad():
        at = module.conv2(torch.max_pool2d(module.conv1(inputs).relu(), 2))
        give = at.flip(0)  # of `others`, named d, c, b, a
        u = float(found_small())
        new = {
            "hard": at * 0,
            "soft": at * 0 + u,
            "shrink": 0.75 * at + 0.25 * u,
            "mean": give.mean(0).expand_as(at),
            "swapped": give,
        }
        if kind == "resampled":
            named = Context({}, (3, "conv2"), NAMES, give, NAMES[::-1])
            new["resampled"] = find_intervention(kind).replacement(at, named)
            rows = [int((give == row).flatten(1).all(1).nonzero()) for row in new[kind]]
            assert all(NAMES[::-1][row] != NAMES[n] for n, row in enumerate(rows))
        at[:, 5] = new[kind][:, 5]
        x = torch.max_pool2d(at.relu(), 2).flatten(1)
        expected = module.fc3(module.fc2(module.fc1(x).relu()).relu())[:, 0]
    torch.testing.assert_close(found.without[5], expected)


def found_small():
    named = Context({"beta": 0.2}, (3, "conv2"))
    return find_intervention("soft").replacement(torch.zeros(1, dtype=torch.float64), named)


def test_what_is_drawn_hangs_on_the_image_and_not_on_its_row():
    give = torch.arange(4.0)[:, None]
    take = find_intervention("resampled").replacement
    one = take(give, Context({}, (1,), NAMES, give, NAMES))
    turned = take(give.flip(0), Context({}, (1,), NAMES[::-1], give.flip(0), NAMES[::-1]))
    assert torch.equal(one, turned.flip(0))


def test_swapped_with_another_frame_edges_add_up_to_the_layer():
    module, inputs = build("lenet")
    network = follow_class(module, 0)
    layer = find_wiring(network, inputs).layers[4]  # linear to the answer
    start = inputs.flip(0)
    found = edge_effects(network, inputs, layer, "swapped", others=start)
    whole = network.values(inputs) - network.values(start)
    torch.testing.assert_close(found.effects.sum(0), whole)
    everything = torch.ones(1, layer.outputs, layer.inputs, dtype=torch.bool)
    together = edge_effects(network, inputs, layer, "swapped", others=start, groups=everything)
    torch.testing.assert_close(together.without[0], network.values(start))


def test_of_a_skip_only_what_it_carries_is_replaced():
    module, inputs = build("convmixer")
    network = follow_class(module, 0)
    wiring = find_wiring(network, inputs)
    block = wiring.place("3.1")
    layer, into = wiring.layers[block], wiring.into(block)
    with torch.no_grad():
        x = module[2](module[1](module[0](inputs)))
        branch = module[3][0].fn(x)
    skip = next(link for link in into if link.skip)
    zero = torch.zeros_like(module[0](inputs))
    got = received_through(network, inputs, wiring, skip, zero)
    with torch.no_grad():
        torch.testing.assert_close(got, branch + module[2](module[1](zero)))
    found = edge_effects(network, inputs, layer, received=got, groups=parents(layer))
    with torch.no_grad():
        swap = branch + x
        swap[:, 2] = got[:, 2]
        y = module[3][3](module[3][2](module[3][1](swap)))
        expected = module[4:](y)[:, 0]
    torch.testing.assert_close(found.without[2], expected)


def test_a_network_that_vmap_cannot_run_is_run_one_by_one():
    module, inputs = build("lenet")

    def answer(x):
        y = module(x)
        return y[:, 0] * (1 if float(y.sum().item()) < 1e9 else 2)

    plain = follow_class(module, 0)
    layer = find_wiring(plain, inputs).layers[4]
    torch.testing.assert_close(
        edge_effects(Network(module, answer), inputs, layer).without,
        edge_effects(plain, inputs, layer).without,
    )


def test_mistakes_are_said():
    module, inputs = build("lenet")
    network = follow_class(module, 0)
    wiring = find_wiring(network, inputs)
    site = find_sites(network, inputs, wiring)[0]
    with pytest.raises(ZollstockError, match="swapped"):
        unit_effects(network, inputs, site, "swap")
    with pytest.raises(ZollstockError, match="others"):
        unit_effects(network, inputs, site, "mean")
    with pytest.raises(ZollstockError, match="no other image"):
        context = Context({}, (), ("a",), None, ("a",))
        unit_effects(network, inputs[:1], site, "resampled", context=context, others=inputs[:1])
    with pytest.raises(ZollstockError, match="one other frame"):
        unit_effects(network, inputs, site, "swapped", others=inputs[:2])
    with pytest.raises(ZollstockError, match="0 to 1"):
        unit_effects(network, inputs, site, "shrink", context=Context({"share": 2}))
    with pytest.raises(ZollstockError, match="no images"):
        unit_effects(network, inputs[:0], site)
    with pytest.raises(ZollstockError, match="groups"):
        unit_effects(network, inputs, site, groups=torch.ones(1, 5, dtype=torch.bool))
    one = unit_effects(network, inputs[:1], site)
    assert one.effects.shape == (6, 1) and bool(one.effects.isfinite().all())
    assert weights_of(network, wiring.layers[0]).shape == (6, 1, 5, 5)


@pytest.mark.parametrize("output", ["cat", "margin"])
def test_a_model_of_the_library_is_intervened_in(output):
    import numpy as np

    from zollstock.images.geometry import Geometry
    from zollstock.locate.differentiable import Differentiable
    from zollstock.models.card import Model
    from zollstock.models.normalisation import Normalisation
    from zollstock.trace.network import follow_model

    module, _ = build("convmixer", torch.float32)
    norm = Normalisation((0.4, 0.5, 0.6), (0.2, 0.3, 0.25), 3)
    card = Model(module, ("cat", "dog", "cow"), Geometry(), norm)
    model = Differentiable(card).follow(output, 0)
    frames = np.random.default_rng(0).integers(0, 256, (3, 16, 16, 3), dtype=np.uint8)
    network = follow_model(model)
    pixels = model.pixels(frames)
    layer = find_wiring(network, pixels).layers[2]
    found = edge_effects(network, pixels, layer)
    np.testing.assert_allclose(found.whole, model.values(pixels), atol=1e-6)
    other = copy.deepcopy(module)
    other.get_submodule(layer.path).weight.data[3, 4] = 0
    changed = Model(other, ("cat", "dog", "cow"), Geometry(), norm)
    expected = Differentiable(changed).follow(output, 0).values(pixels)
    np.testing.assert_allclose(found.without[3 * 8 + 4], expected, atol=1e-6)


@pytest.mark.parametrize("name", NETS)
@pytest.mark.parametrize("kind", ["hard", "soft", "swapped"])
def test_parents_at_once_are_groups_of_edges(name, kind):
    module, inputs = build(name)
    network = follow_class(module, 0)
    given = {"context": Context({"beta": 0.3}, (1,)), "others": inputs.flip(0)}
    for layer in find_wiring(network, inputs).layers:
        children = [0, layer.outputs - 1]
        groups = parents(layer, children)
        expected = edge_effects(network, inputs, layer, kind, groups=groups, **given)
        found = parent_effects(network, inputs, layer, children, kind, rows=12, **given)
        torch.testing.assert_close(found.without, expected.without)
        torch.testing.assert_close(found.whole, expected.whole)
        some = list(range(layer.inputs))[::-2]
        few = parent_effects(network, inputs, layer, children, kind, rows=12, only=some, **given)
        torch.testing.assert_close(few.without, expected.without[some])


@pytest.mark.parametrize("kind", ["hard", "swapped"])
def test_all_classes_are_followed_at_once(kind):
    module, inputs = build("lenet")
    network = follow_class(module, 2)
    layer = find_wiring(network, inputs).layers[2]
    one = parent_effects(network, inputs, layer, None, kind, rows=12, others=inputs.flip(0))
    every = parent_effects(
        network.following_all(), inputs, layer, None, kind, rows=12, others=inputs.flip(0)
    )
    assert every.without.shape == (16, 4, 3)
    torch.testing.assert_close(every.without[..., 2], one.without)
    torch.testing.assert_close(every.whole, module(inputs).detach())
