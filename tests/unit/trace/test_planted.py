"""The planted circuit is the true one, and methods that ask along the frames find it."""

import numpy as np
import pytest
import torch

from zollstock.errors import ZollstockError
from zollstock.trace.holding import Candidates
from zollstock.trace.layers import find_wiring
from zollstock.trace.mediation import mediate
from zollstock.trace.methods import find_method, known_methods
from zollstock.trace.network import follow_class
from zollstock.trace.planted import aurocs, plant, planted_frames
from zollstock.trace.units import find_sites


def prepared(seed=0, images=4):
    planted, frames = plant(seed), planted_frames(seed, images)
    network = follow_class(planted.module, 0)
    wiring = find_wiring(network, frames[0])
    return planted, frames, network, wiring, find_sites(network, frames[0], wiring)


@pytest.mark.parametrize("edges", [False, True])
def test_all_of_the_property_goes_through_the_circuit(edges):
    planted, frames, network, wiring, sites = prepared()
    truth = planted.edges if edges else planted.units
    candidates = Candidates(layers=wiring.layers) if edges else Candidates(tuple(sites))
    circuit = candidates.numbers({name: torch.from_numpy(one) for name, one in truth.items()})
    found = mediate(network, frames, candidates, torch.stack([circuit, ~circuit]))
    assert (found.whole > 0).all()
    np.testing.assert_allclose(found.cut[0], 0, atol=1e-12)
    np.testing.assert_allclose(found.keep[0], found.whole)
    np.testing.assert_allclose(found.cut[1], found.whole)
    np.testing.assert_allclose(found.keep[1], 0, atol=1e-12)
    # Each carrier is needed: with any one held, something is lost.
    each = torch.eye(candidates.count, dtype=torch.bool)[circuit]
    assert (mediate(network, frames, candidates, each).cut < found.whole - 1e-9).all()


@pytest.mark.parametrize("seed", range(3))
def test_methods_along_the_frames_find_it_and_others_do_not(seed):
    planted, frames, network, wiring, sites = prepared(seed)

    def areas(name, **settings):
        method = find_method(name)
        units = method.units(network, frames, sites, settings, 1)
        edges = method.edges(network, frames, wiring.layers, settings, 1)
        return aurocs(planted.units, units)["all"], aurocs(planted.edges, edges)["all"]

    for name in ("conductance", "eap_ig", "exact"):
        assert areas(name) == (1, 1)
    assert max(areas("exact", intervention="hard")) < 0.75  # what acts is not what moves
    assert max(areas("change")) < 0.97  # what moves is not what acts


@pytest.mark.parametrize("name", known_methods())
def test_a_method_says_of_an_image_what_it_says_of_it_alone(name):
    _, frames, network, wiring, sites = prepared()
    method = find_method(name)
    whole = method.units(network, frames, sites, {}, 1)
    one = method.units(network, frames[1:2], sites, {}, 1)
    assert set(whole) == {site.name for site in sites}
    for site in sites:
        assert whole[site.name].shape == (4, site.units)
        torch.testing.assert_close(whole[site.name][1:2], one[site.name])
    edges = method.edges(network, frames, wiring.layers, {}, 1)
    alone = method.edges(network, frames[1:2], wiring.layers, {}, 1)
    for layer in wiring.layers:
        assert edges[layer.name].shape == (4, layer.outputs, layer.inputs)
        torch.testing.assert_close(edges[layer.name][1:2], alone[layer.name])


def test_names_hang_on_the_seed_and_unknown_ones_are_said():
    one, same, other = plant(1), plant(1), plant(2)
    assert torch.equal(one.module.conv1.weight, same.module.conv1.weight)
    assert any((one.units[name] != other.units[name]).any() for name in one.units)
    assert torch.equal(planted_frames(1, 3)[:2], planted_frames(1, 2))
    with pytest.raises(ZollstockError, match="eap_ig"):
        find_method("eapig")
