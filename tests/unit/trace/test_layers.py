"""Layers, their links and units are found in networks of any kind."""

import pytest
import torch
from torch import nn

from tests.unit.trace.nets import NETS, Plain, build, tiny_resnet, tiny_vit
from zollstock.errors import ZollstockError
from zollstock.trace.layers import INPUT, find_wiring
from zollstock.trace.network import follow_class, hooked
from zollstock.trace.units import find_sites, known_kinds, read


def wired(name):
    module, inputs = build(name)
    network = follow_class(module, 0)
    return network, inputs, find_wiring(network, inputs)


def sources(wiring, name):
    into = wiring.into(wiring.place(name))
    return {
        "input" if link.source == INPUT else wiring.layers[link.source].name: (
            link.skip,
            link.aligned,
        )
        for link in into
    }


@pytest.mark.parametrize("name", NETS)
def test_every_network_is_walked(name):
    network, inputs, wiring = wired(name)
    assert wiring.into(len(wiring.layers))  # the answer reads a layer
    assert all(layer.joined().shape == (layer.outputs, layer.inputs) for layer in wiring.layers)
    for site in find_sites(network, inputs, wiring, known_kinds()):
        value = read(network, inputs, [site.place])[site.place]
        assert value.shape[site.axis] == site.units * site.size
        assert site.sums(value).shape == (len(inputs), site.units)
        torch.testing.assert_close(site.sums(value).sum(1), value.flatten(1).sum(1))


def test_of_lenet_the_block_behind_the_maps_is_a_channel():
    _, _, wiring = wired("lenet")
    shapes = [(one.name, one.outputs, one.inputs, one.block) for one in wiring.layers]
    assert shapes == [
        ("conv1", 6, 1, 1),
        ("conv2", 16, 6, 1),
        ("fc1", 120, 16, 25),
        ("fc2", 84, 120, 1),
        ("fc3", 3, 84, 1),
    ]
    assert [(one.source, one.skip) for one in wiring.links] == [(k, False) for k in range(-1, 5)]


def test_a_depthwise_convolution_has_no_edges_across_channels_and_the_skip_is_an_edge():
    _, _, wiring = wired("convmixer")
    depthwise = wiring.layers[wiring.place("3.0.fn.0")]
    assert depthwise.depthwise and bool((depthwise.joined() == torch.eye(8, dtype=bool)).all())
    assert sources(wiring, "3.1") == {"0": (True, True), "3.0.fn.0": (False, True)}
    assert sources(wiring, "4.1") == {"3.1": (True, True), "4.0.fn.0": (False, True)}


def test_of_a_resnet_and_a_convnext_the_sum_is_read():
    _, _, wiring = wired("resnet")
    first = "resnet.encoder.stages.0.layers.0.layer.1.convolution"
    found = sources(wiring, "resnet.encoder.stages.1.layers.0.shortcut.convolution")
    assert found == {"resnet.embedder.embedder.convolution": (True, True), first: (False, True)}
    _, _, wiring = wired("convnext")
    found = sources(wiring, "convnext.encoder.stages.1.downsampling_layer.1")
    assert [skip for skip, _ in found.values()] == [True, False]


def test_attention_is_no_edge_of_one_unit():
    _, _, wiring = wired("vit")
    stem = "vit.layers.0.attention."
    assert sources(wiring, f"{stem}o_proj") == {
        f"{stem}q_proj": (False, False),
        f"{stem}k_proj": (False, False),
        f"{stem}v_proj": (False, True),
    }
    assert sources(wiring, "vit.layers.0.mlp.fc1")[f"{stem}o_proj"] == (False, True)
    assert sources(wiring, "vit.layers.0.mlp.fc1")[
        "vit.embeddings.patch_embeddings.projection"
    ] == (True, True)


def test_joined_channels_are_not_taken_for_others():
    _, _, wiring = wired("joined")
    assert sources(wiring, "three") == {"one": (True, False), "two": (False, False)}


def test_a_module_used_twice_is_two_layers():
    network, inputs, wiring = wired("twice")
    assert [one.name for one in wiring.layers] == ["first", "same", "same#2", "head"]
    assert sources(wiring, "same#2") == {"same": (False, True)}
    one, two = (read(network, inputs, [wiring.layers[k].returned]) for k in (1, 2))
    assert not torch.equal(*one.values(), *two.values())
    # What is read is what the layer returned, not what an activation in place made of it.
    first = read(network, inputs, [wiring.layers[0].returned])
    assert bool((next(iter(first.values())) < 0).any())


def test_calls_are_counted_anew_in_every_pass():
    network, inputs, wiring = wired("twice")
    seen = []
    with hooked(network.module, {wiring.layers[2].returned: lambda value: seen.append(value)}):
        for _ in range(3):
            network.answer(inputs)
    assert len(seen) == 3 and torch.equal(seen[0], seen[2])


def test_heads_and_tokens_of_a_transformer():
    network, inputs, wiring = wired("vit")
    heads = find_sites(network, inputs, wiring, ["heads"])
    tokens = find_sites(network, inputs, wiring, ["tokens"])
    assert [(one.name, one.units, one.size) for one in heads] == [
        (f"vit.layers.{k}.attention.o_proj (heads)", 2, 8) for k in (0, 1)
    ]
    assert [(one.name, one.units) for one in tokens] == [(f"vit.layers.{k}", 17) for k in (0, 1)]


@pytest.mark.parametrize("depths", [[2, 2, 2, 2], [3, 4, 6, 3]])
def test_a_resnet_of_real_size(depths):
    deep = depths[1] == 4
    sizes = [256, 512, 1024, 2048] if deep else [64, 128, 256, 512]
    kind = "bottleneck" if deep else "basic"
    module = tiny_resnet(embedding_size=64, hidden_sizes=sizes, depths=depths, layer_type=kind)
    wiring = find_wiring(follow_class(module.eval(), 0), torch.rand(1, 3, 224, 224))
    assert len(wiring.layers) == (54 if deep else 21)  # shortcuts' convolutions included
    assert sum(link.skip for link in wiring.links) > 4


def test_what_cannot_be_traced_is_said():
    pictures = torch.rand(2, 3, 4, 4)
    with pytest.raises(ZollstockError, match="no layer with weights"):
        find_wiring(follow_class(Plain().eval(), 0), pictures)
    with pytest.raises(ZollstockError, match="training mode"):
        follow_class(nn.Sequential(nn.Conv2d(3, 2, 1), nn.BatchNorm2d(2)), 0)
    network, inputs, wiring = wired("lenet")
    with pytest.raises(ZollstockError, match="not finite"):
        find_wiring(network, inputs * torch.nan)
    with pytest.raises(ZollstockError, match="channels"):
        find_sites(network, inputs, wiring, ["chanels"])
    with pytest.raises(ZollstockError, match="conv1"):
        wiring.place("conv9")
    several = follow_class(Several().eval(), 0)
    with pytest.raises(ZollstockError, match="logits"):
        find_wiring(several, torch.rand(1, 6))


class Several(nn.Module):
    """Two tensors that may be logits."""

    def __init__(self):
        super().__init__()
        self.head = nn.Linear(6, 3)

    def forward(self, x):
        return self.head(x), self.head(x)


def test_one_image_is_enough():
    module, inputs = build("vit")
    assert find_wiring(follow_class(module, 0), inputs[:1]) == find_wiring(
        follow_class(module, 0), inputs
    )
    assert tiny_vit(1).eval() is not None
