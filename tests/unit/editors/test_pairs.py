import numpy as np
import pytest

from zollstock.editors import pairs
from zollstock.editors.pairs import EDITS, draw_pairs


@pytest.fixture
def rendered(monkeypatch):
    """Draws pairs without pictures; returns the latents that would be drawn."""
    seen = {}

    class World:
        class_names = ("cat", "dog")

        def __init__(self):
            from zollstock.worlds import get_world

            self.real = get_world("pets")

        def sample(self, labels, seeds):
            return self.real.sample(labels, seeds)

        def render(self, latents, size, masks):
            seen.update(latents)
            frames = np.zeros((len(latents["noise_seed"]), 1, 1, 3), np.uint8)
            return type("Rendered", (), {"frames": frames})

    monkeypatch.setattr(pairs, "get_world", lambda name: World())

    def draw(sources=4000, **settings):
        base = {"size": 8, "shift": 0.2, "jitter": 0.1, "seed": (1,)}
        found = draw_pairs(sources, **base | settings)
        return found, seen

    return draw


def moves(found, latents, name, text, near_middle=True):
    """Target less source for the pairs of one instruction, away from the ends of the range."""
    mine = found.text == text
    start, end = latents[name][found.source[mine]], latents[name][found.target[mine]]
    inside = np.abs(start - 0.5) < 0.05 if near_middle else np.full(len(start), True)
    return (end - start)[inside]


@pytest.mark.parametrize(("text", "edit"), list(enumerate(EDITS.values(), start=1)))
def test_an_instruction_shifts_one_mean_and_jitters_all(rendered, text, edit):
    found, latents = rendered()
    for name in pairs.LATENTS:
        moved = moves(found, latents, name, text)
        wanted = 0.2 * edit.direction if name == edit.latent else 0.0
        assert moved.mean() == pytest.approx(wanted, abs=0.02)
        assert moved.std() == pytest.approx(0.1, abs=0.015)


def test_the_ratio_to_doing_nothing_is_an_exponential_tilt(rendered):
    """log p(x|text) − log p(x) is a straight line of slope m/σ², the design's point."""
    found, latents = rendered(sources=60_000)
    bins = np.linspace(-0.1, 0.3, 9)
    counts = [
        np.histogram(moves(found, latents, "fur_lightness", text), bins)[0] for text in (0, 1)
    ]
    ratio = np.log(counts[1] / counts[0])
    slope = np.polyfit((bins[:-1] + bins[1:]) / 2, ratio, 1)[0]
    assert slope == pytest.approx(0.2 / 0.1**2, rel=0.1)


def test_nothing_else_changes_and_values_stay_in_range(rendered):
    found, latents = rendered(sources=200, jitter=0.5)
    for name, column in latents.items():
        if name in pairs.LATENTS:
            assert (column >= 0).all() and (column <= 1).all()
        else:
            np.testing.assert_array_equal(column[found.source], column[found.target])


def test_uniform_strength_moves_the_named_property_alone(rendered):
    found, latents = rendered(design="uniform")
    lighter = list(EDITS).index("make the fur lighter") + 1
    assert (moves(found, latents, "fur_lightness", lighter, near_middle=False) >= 0).all()
    assert not moves(found, latents, "background_brightness", lighter, near_middle=False).any()
    assert not moves(found, latents, "fur_lightness", 0, near_middle=False).any()


def test_pairs_are_seeded_and_share_their_source():
    one, two = (draw_pairs(3, size=16, shift=0.2, jitter=0.1, seed=(7,)) for _ in range(2))
    np.testing.assert_array_equal(one.images, two.images)
    other = draw_pairs(3, size=16, shift=0.2, jitter=0.1, seed=(8,))
    assert (one.images != other.images).any()
    assert len(one.text) == 3 * 5 and len(one.images) == 3 * 6
    np.testing.assert_array_equal(one.source, np.repeat([0, 6, 12], 5))
