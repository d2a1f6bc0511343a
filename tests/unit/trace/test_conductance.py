"""Conductance adds up at every cut, and is the integral that it says it is."""

import numpy as np
import pytest
import torch
from torch import nn

from tests.unit.trace.nets import NETS, build
from zollstock.errors import ZollstockError
from zollstock.trace.conductance import property_conductance
from zollstock.trace.edges import act, each_edge, weights_of
from zollstock.trace.effects import edge_effects
from zollstock.trace.first_order import first_order
from zollstock.trace.layers import find_wiring
from zollstock.trace.network import follow_class, follow_model
from zollstock.trace.units import find_sites, read


def path_of(inputs, steps=4):
    """Frames that bend: from the first input by the second to the third."""
    return torch.stack(
        [inputs[0] * (1 - t) + inputs[2] * t + 0.5 * t * (1 - t) * inputs[1]
         for t in torch.linspace(0, 1, steps, dtype=inputs.dtype)]
    )  # fmt: skip


@pytest.mark.parametrize("name", NETS)
def test_every_cut_is_complete(name):
    module, inputs = build(name)
    network, frames = follow_class(module, 0), path_of(inputs)
    wiring = find_wiring(network, frames)
    sites = find_sites(network, frames, wiring)
    # Random networks of noise have a kink everywhere; rectified ones need many intervals.
    tolerance = 0.2 if name in ("lenet", "resnet") else 0.02
    found = property_conductance(network, frames, wiring, sites, tolerance=tolerance)
    assert found.complete and abs(found.change) > 0
    scale = max(abs(found.change), float(found.series.diff().abs().sum()))
    assert [cut.after for cut in found.cuts] == [layer.name for layer in wiring.layers]
    for cut in found.cuts:
        assert abs(cut.error) <= cut.residual + 1e-12 <= tolerance * scale + 1e-12
        total = sum(float(share.sum()) for share in cut.shares.values())
        assert abs(total - found.change) <= min(tolerance, 0.05) * scale
    assert set(found.units) == {site.name for site in sites}


class Around(nn.Module):
    """The input goes past the only convolution."""

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 3, 1)
        self.head = nn.Linear(3, 2)

    def forward(self, x):
        return self.head((x + self.conv(x)).sum((2, 3)))


def test_what_the_input_carries_past_a_layer_is_told_apart():
    torch.manual_seed(0)
    module = Around().eval().double()
    frames = torch.rand(3, 3, 4, 4, dtype=torch.float64)
    network = follow_class(module, 1)
    wiring = find_wiring(network, frames)
    found = property_conductance(network, frames, wiring, [])
    step = (frames[-1] - frames[0]).sum((1, 2))
    weight = module.head.weight[1].detach()
    first = found.cuts[0]
    torch.testing.assert_close(first.shares["input"], (weight * step).sum()[None])
    through = weight * (module.conv.weight[:, :, 0, 0].detach() @ step)
    torch.testing.assert_close(first.shares["conv"], through)
    assert abs(first.error) < 1e-12 and len(found.intervals) == 2


def test_a_layer_s_conductance_is_a_fine_sum_along_the_frames():
    module, inputs = build("lenet")
    module = module.double()
    network, frames = follow_class(module, 0), path_of(inputs, 3)
    wiring = find_wiring(network, frames)
    sites = find_sites(network, frames, wiring)
    found = property_conductance(network, frames, wiring, sites, tolerance=1e-4)
    total = torch.zeros(16, dtype=torch.float64)
    for k in range(2):  # an independent route: the network by hand, 1500 points a step
        share = torch.linspace(0, 1, 1501, dtype=torch.float64)[:, None, None, None]
        with torch.no_grad():
            points = frames[k] + share * (frames[k + 1] - frames[k])
            a = module.conv2(torch.max_pool2d(module.conv1(points).relu(), 2))
        a.requires_grad_()
        x = torch.max_pool2d(a.relu(), 2).flatten(1)
        output = module.fc3(module.fc2(module.fc1(x).relu()).relu())[:, 0]
        slope = torch.autograd.grad(output.sum(), a)[0]
        with torch.no_grad():
            total += ((slope[1:] + slope[:-1]) / 2 * a.diff(dim=0)).sum((0, 2, 3))
    scale = float(found.series.diff().abs().sum())
    assert float((found.units["conv2"] - total).abs().max()) < 5e-3 * scale
    # Of a chain each layer is a full cut.
    for cut in found.cuts:
        torch.testing.assert_close(cut.shares[cut.after], found.units[cut.after])


def test_edges_add_up_to_the_unit_that_they_end_in():
    for name in ("lenet", "convmixer", "vit"):
        module, inputs = build(name)
        network, frames = follow_class(module, 0), path_of(inputs)
        wiring = find_wiring(network, frames)
        sites = find_sites(network, frames, wiring)
        found = first_order(network, frames, sites, wiring.layers)
        for layer in wiring.layers:
            for units, edges in (
                (found.units_path, found.edges_path),
                (found.units_mean, found.edges_mean),
            ):
                torch.testing.assert_close(edges[layer.name].sum(1), units[layer.name])
                assert not edges[layer.name][~layer.joined()].any()


def test_where_the_output_is_linear_first_order_effects_are_exact():
    module, inputs = build("lenet")
    network, frames = follow_class(module, 0), path_of(inputs)
    layer = find_wiring(network, frames).layers[4]
    found = first_order(network, frames, layers=[layer])
    exact = edge_effects(network, frames[-1:], layer, "swapped", others=frames[:1])
    edges = each_edge(layer)
    expected = exact.effects[:, 0]
    for some in (found.edges_path, found.edges_mean):
        torch.testing.assert_close(some[layer.name][edges[:, 0], edges[:, 1]], expected)


def test_an_edge_s_first_order_effect_is_slope_times_what_it_carries():
    module, inputs = build("convmixer")
    network, frames = follow_class(module, 0), path_of(inputs, 2)
    wiring = find_wiring(network, frames)
    layer = wiring.layers[wiring.place("3.1")]
    found = first_order(network, frames, layers=[layer])
    x = read(network, frames, [layer.received])[layer.received]
    weights = weights_of(network, layer)
    only = torch.zeros_like(weights)
    only[2, 5] = weights[2, 5]
    carried = act(network, layer, (x[1] - x[0])[None], only)
    slopes = []
    for frame in frames:
        kept = []

        def keep(_, __, out, kept=kept):
            kept.append(out)

        handle = module.get_submodule("3.1").register_forward_hook(keep)
        output = module(frame[None].clone())[0, 0]
        handle.remove()
        slopes.append(torch.autograd.grad(output, kept[0])[0])
    expected = ((slopes[0] + slopes[1]) / 2 * carried).sum()
    torch.testing.assert_close(found.edges_path["3.1"][2, 5], expected)


def test_a_model_of_the_library_is_followed():
    from zollstock.images.geometry import Geometry
    from zollstock.locate.differentiable import Differentiable
    from zollstock.locate.property_gradient import property_gradient
    from zollstock.models.card import Model
    from zollstock.models.normalisation import Normalisation

    module, _ = build("convmixer", torch.float32)
    norm = Normalisation((0.4, 0.5, 0.6), (0.2, 0.3, 0.25), 3)
    card = Model(module, ("cat", "dog", "cow"), Geometry(), norm)
    model = Differentiable(card, dtype=torch.float64).follow("cat")
    ends = np.random.default_rng(0).integers(0, 256, (2, 16, 16, 3))
    share = np.linspace(0, 1, 3)[:, None, None, None]
    frames = np.rint((1 - share) * ends[0] + share * ends[1]).astype(np.uint8)
    network = follow_model(model)
    pixels = model.pixels(frames)
    wiring = find_wiring(network, pixels)
    found = property_conductance(network, pixels, wiring, find_sites(network, pixels, wiring))
    located = property_gradient(model, frames, np.arange(3.0))
    assert found.complete and found.change == pytest.approx(located.change)
    for cut in found.cuts:
        total = sum(float(share.sum()) for share in cut.shares.values())
        assert total == pytest.approx(float(located.map.sum()), abs=0.02 * abs(found.change) + 1e-9)


def test_a_limit_is_said_and_mistakes_are():
    module, inputs = build("lenet")
    network, frames = follow_class(module, 0), path_of(inputs)
    wiring = find_wiring(network, frames)
    few = property_conductance(network, frames, wiring, [], tolerance=1e-9, most=4)
    assert not few.complete and len(few.intervals) == 3
    with pytest.raises(ZollstockError, match="at least 2"):
        property_conductance(network, frames[:1], wiring, [])
    with pytest.raises(ZollstockError, match="0 to 4"):
        property_conductance(network, frames, wiring, [], cuts=[5])
    with pytest.raises(ZollstockError, match="not finite"):
        property_conductance(network, frames * torch.nan, wiring, [])


def test_heads_carry_what_the_projection_behind_them_reads():
    module, inputs = build("vit")
    network, frames = follow_class(module, 0), path_of(inputs)
    wiring = find_wiring(network, frames)
    heads = find_sites(network, frames, wiring, ["heads"])
    layers = [wiring.layers[wiring.place(site.place[0])] for site in heads]
    found = first_order(network, frames, heads, layers)
    for site, layer in zip(heads, layers, strict=True):
        carried = found.edges_path[layer.name].sum(0).reshape(2, 8).sum(1)
        torch.testing.assert_close(found.units_path[site.name], carried)
