"""The turntable: turns that close, figures whose shape alone tells what they are."""

import numpy as np
import pytest

from tests.unit.worlds.drawing import draw, pick
from zollstock.worlds import get_world
from zollstock.worlds.turntable.bodies import figure
from zollstock.worlds.turntable.solids import FAR, View, draw_solid
from zollstock.worlds.turntable.world import HUES, SIDE

WORLD = get_world("turntable")


@pytest.mark.parametrize("latent", ["yaw", "pitch", "roll"])
def test_a_full_turn_ends_where_it_began(latent):
    latents = draw(WORLD, 3)
    for row in range(3):
        turned = WORLD.do(pick(latents, [row]), latent, [-180.0, -179.0, 0.0, 180.0])
        first, near, half, last = WORLD.render(turned, 48).frames.astype(int)
        assert np.abs(first - last).max() <= 1  # sines of π and −π differ in the last digit
        assert np.abs(first - near).mean() < np.abs(first - half).mean()


def test_a_figure_is_long_from_the_side_and_narrow_from_the_front():
    latents = draw(WORLD, 3, shape_noise=0.0) | {"pitch": np.zeros(3), "roll": np.zeros(3)}
    for row, longer in ((0, 1.3), (1, 1.5), (2, 2.0)):
        turned = WORLD.do(pick(latents, [row]), "yaw", [0.0, 90.0, 180.0, -90.0])
        seen = WORLD.render(turned, 64).regions["figure"]
        side, front, other, back = (mask.max(0) > 0.5 for mask in seen)
        assert side.sum() > longer * front.sum() and other.sum() > longer * back.sum()


def test_figures_look_right_at_yaw_0_and_at_the_camera_at_90():
    latents = draw(WORLD, 3) | {name: np.zeros(3) for name in ("pitch", "roll", "elevation")}
    head = WORLD.part_names.index("head")
    for row in range(3):
        turned = WORLD.do(pick(latents, [row]), "yaw", [0.0, 180.0, 90.0, -90.0])
        drawn = WORLD.render(turned, 64, parts=True)
        columns = np.arange(64)
        middle = [
            (drawn.parts[k, head] * columns).sum() / drawn.parts[k, head].sum()
            - (drawn.regions["figure"][k] * columns).sum() / drawn.regions["figure"][k].sum()
            for k in range(2)
        ]
        assert middle[0] > 5 and middle[1] < -5
        shown = drawn.parts[:, head].sum((1, 2))
        assert shown[2] > shown[3]  # from behind, the body hides some of the head


def test_distributions_move_what_they_are_named_after():
    labels = np.arange(900) % 3
    plain = draw(WORLD, 900)
    side = draw(WORLD, 900, distribution="side_on", bias=1.0)
    assert (np.minimum(np.abs(side["yaw"]), 180 - np.abs(side["yaw"])) <= SIDE).all()
    assert 0.4 < (np.abs(side["yaw"]) > 90).mean() < 0.6
    coloured = draw(WORLD, 900, distribution="coloured", bias=1.0)
    assert (np.abs(coloured["hue"] - np.asarray(HUES)[labels]) <= 0.04).all()
    for biased, name in ((side, "yaw"), (coloured, "hue")):
        rest = [key for key in plain if key != name]
        assert all((biased[key] == plain[key]).all() for key in rest)


def test_figures_fit_into_the_picture_and_differ():
    for kind in range(3):
        solids = figure(kind)
        assert np.abs(solids.centres).max() <= 1 and solids.ground <= 1
        assert len(solids.parts) == len(solids.centres) == len(solids.spreads)
    latents = draw(WORLD, 30) | {"position_x": np.zeros(30), "position_y": np.zeros(30)}
    latents = WORLD.do(latents, "yaw", 0.0) | {"size": np.ones(30)}
    figures = WORLD.render(latents, 48).regions["figure"]
    edge = np.concatenate([figures[:, 0], figures[:, -1], figures[:, :, 0], figures[:, :, -1]], 1)
    assert edge.mean() < 0.01


def test_a_ball_has_the_depth_and_the_normals_of_a_ball():
    size, radius = 41, 0.5
    axis = np.linspace(-1, 1, size).astype(np.float32)
    view = View.empty(size, parts=2)
    ball = np.eye(3) * radius**2
    draw_solid(view, (axis, -axis), np.array([0.1, -0.2, 0.3]), ball, np.ones(3), 1)
    x, y = np.meshgrid(axis - 0.1, -axis + 0.2)
    inside = radius**2 - x**2 - y**2
    hit = inside > 1e-4
    np.testing.assert_allclose(view.depth[hit], 0.3 + np.sqrt(inside[hit]), atol=1e-4)
    assert (view.depth[inside < -1e-4] == FAR).all()
    normal = np.stack([x, y, np.sqrt(np.maximum(inside, 0))]) / radius
    np.testing.assert_allclose(view.normal[:, hit], normal[:, hit], atol=2e-3)
    np.testing.assert_array_equal(view.shares[1] == 1, view.depth > FAR)
    # One that is farther away changes nothing where the first one is seen.
    before = view.depth.copy()
    draw_solid(view, (axis, -axis), np.array([0.1, -0.2, -2.0]), ball, np.zeros(3), 0)
    np.testing.assert_array_equal(view.depth[hit], before[hit])
    assert (view.colour[:, hit] == 1).all()
