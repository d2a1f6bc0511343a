"""Places that drive a channel lie where the picture changes and the channel acts."""

import numpy as np
import pytest
import torch
from torch import nn

from zollstock.trace.layers import find_wiring
from zollstock.trace.network import follow_class
from zollstock.trace.patches import driving_places
from zollstock.trace.shares import Traced
from zollstock.trace.tables import AS_CSV, TABLES
from zollstock.trace.units import find_sites


class Colours(nn.Module):
    """Channel 0 is the first colour, channel 1 the second, taken off."""

    def __init__(self):
        super().__init__()
        self.conv, self.head = nn.Conv2d(2, 2, 1, bias=False), nn.Linear(2, 2, bias=False)
        self.conv.weight.data = torch.eye(2).reshape(2, 2, 1, 1)
        self.head.weight.data = torch.tensor([[1.0, -1], [0, 0]])

    def forward(self, x):
        return self.head(self.conv(x).sum((2, 3)))


def traced(changes, height=4, width=8):
    """Paths on which single places change: a list of (colour, row, column, by)."""
    module = Colours().double().eval()
    network = follow_class(module, 0)
    paths = []
    for number, some in enumerate(changes):
        frames = torch.full((3, 2, height, width), 0.5, dtype=torch.float64)
        for colour, row, column, by in some:
            frames[1, colour, row, column] += by / 2
            frames[2, colour, row, column] += by
        paths.append(Traced(f"i{number}", network, frames))
    wiring = find_wiring(network, paths[0].frames)
    return paths, find_sites(network, paths[0].frames, wiring)


def test_the_place_is_where_the_picture_changes():
    paths, sites = traced([[(0, 1, 6, 1.0), (0, 3, 2, 0.4), (1, 0, 0, 2.0)]])
    found = driving_places(paths, sites, {"conv": [0, 1]}, 4)
    assert tuple(found.columns) == TABLES["patches"][1:]
    one, other = found.to_dict("records")  # the largest first
    assert (one["unit"], one["effect"]) == (1, pytest.approx(-2))
    assert (one["y"], one["x"]) == (0.5 / 4, 0.5 / 8)
    assert (other["unit"], other["effect"]) == (0, pytest.approx(1))
    assert (other["y"], other["x"]) == (1.5 / 4, 6.5 / 8)
    assert other["side"] == 1 / 4 and other["image"] == "i0" and other["layer"] == "conv"


def test_of_a_channel_the_images_with_the_largest_effects_are_kept():
    paths, sites = traced([[(0, 0, 0, by)] for by in (0.1, -0.9, 0.5, 0.3)])
    found = driving_places(paths, sites, {"conv": [0]}, 2)
    assert list(found["image"]) == ["i1", "i2"]
    np.testing.assert_allclose(found["effect"], [-0.9, 0.5])


def test_what_is_no_map_has_no_place():
    paths, sites = traced([[(0, 0, 0, 1.0)]])
    for chosen in ({"head": [0]}, {"conv": []}, {}):
        found = driving_places(paths, sites, chosen, 2)
        assert len(found) == 0 and tuple(found.columns) == TABLES["patches"][1:]
    assert len(driving_places([], sites, {"conv": [0]}, 2)) == 0


def test_an_image_on_which_nothing_moves_has_a_place_without_effect():
    paths, sites = traced([[]])
    (row,) = driving_places(paths, sites, {"conv": [1]}, 2).to_dict("records")
    assert row["effect"] == 0 and 0 < row["x"] < 1


def test_tables_have_each_column_once_and_long_ones_are_parquet():
    for name, columns in TABLES.items():
        assert len(set(columns)) == len(columns) and "model" not in columns, name
    assert set(AS_CSV) < set(TABLES) and not {"units", "edges", "nodes"} & set(AS_CSV)
