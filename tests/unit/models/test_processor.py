"""Preprocessing as it lies beside models of transformers, compared with doing it step by step."""

import json

import numpy as np
import pytest
from PIL import Image

from zollstock.images.geometry import geometry_of
from zollstock.models.normalisation import Normalisation
from zollstock.models.processor import own_preprocessing

FRAME = np.random.default_rng(1).integers(0, 256, (50, 70, 3), dtype=np.uint8)
PLAIN = {"image_mean": [0.1, 0.2, 0.3], "image_std": [0.4, 0.5, 0.6]}


def read(tmp_path, config):
    (tmp_path / "preprocessor_config.json").write_text(json.dumps(config))
    return own_preprocessing(tmp_path)


@pytest.mark.parametrize(
    ("config", "size", "fit", "resize_to", "resize"),
    [
        ({"size": 24}, [24, 24], "stretch", None, "bilinear"),
        ({"size": {"height": 2, "width": 30}, "resample": 3}, [2, 30], "stretch", None, "bicubic"),
        (
            {"size": {"shortest_edge": 32}, "do_center_crop": True, "crop_size": 28},
            [28, 28], "crop", 32, "bilinear",
        ),
        ({"size": 32, "do_center_crop": True, "crop_size": 28}, [28, 28], "crop", 32, "bilinear"),
        ({"size": {"shortest_edge": 28}, "crop_pct": 0.875}, [28, 28], "crop", 32, "bilinear"),
        ({"size": {"shortest_edge": 400}, "crop_pct": 1}, [400, 400], "stretch", None, "bilinear"),
        ({"do_resize": False, "resample": 1}, None, "stretch", None, "lanczos"),
        ({"size": 24, "resample": 0}, [24, 24], "stretch", None, "nearest"),
        ({"image_processor": {"size": 24}}, [24, 24], "stretch", None, "bilinear"),
    ],
)  # fmt: skip
def test_sizes_are_read(tmp_path, config, size, fit, resize_to, resize):
    found, notes = read(tmp_path, config)
    assert [found[key] for key in ("size", "fit", "resize_to", "resize")] == [
        size, fit, resize_to, resize,
    ]  # fmt: skip
    assert not notes


@pytest.mark.parametrize(
    "config",
    [
        {"size": {"shortest_edge": 24}},
        {"size": {"height": 30, "width": 30}, "do_center_crop": True, "crop_size": 24},
    ],
)
def test_what_is_done_otherwise_here_is_said(tmp_path, config):
    found, notes = read(tmp_path, config)
    assert (found["fit"], len(notes)) == ("crop", 1)


@pytest.mark.parametrize("factor", [1 / 255, 1 / 127.5])
@pytest.mark.parametrize("offset", [False, True])
@pytest.mark.parametrize("normalise", [False, True])
@pytest.mark.parametrize("rescale", [False, True])
def test_rescaling_and_normalising_are_one_mean_and_deviation(
    tmp_path, factor, offset, normalise, rescale
):
    config = PLAIN | {
        "size": 24, "do_rescale": rescale, "rescale_factor": factor, "rescale_offset": offset,
        "do_normalize": normalise,
    }  # fmt: skip
    found, _ = read(tmp_path, config)
    frame = geometry_of(found).apply(FRAME[None])
    expected = frame[0].astype(np.float64) * (factor if rescale else 1)
    expected -= 1 if offset and rescale else 0
    if normalise:
        expected = (expected - PLAIN["image_mean"]) / PLAIN["image_std"]
    result = Normalisation.of(found).apply(frame)[0].permute(1, 2, 0).numpy()
    np.testing.assert_allclose(result, expected, atol=1e-3 * max(1, np.abs(expected).max()))


def test_crop_is_what_pillow_gives_step_by_step(tmp_path):
    config = {"size": {"shortest_edge": 40}, "do_center_crop": True, "crop_size": 32, "resample": 3}
    found = geometry_of(read(tmp_path, config)[0]).apply(FRAME[None])[0]
    resized = Image.fromarray(FRAME).resize((56, 40), Image.Resampling.BICUBIC)
    np.testing.assert_array_equal(found, np.asarray(resized.crop((12, 4, 44, 36))))


def test_without_the_file_nothing_is_known_but_the_channels(tmp_path):
    found, notes = own_preprocessing(tmp_path, 1)
    assert found == {"channels": 1}
    assert "has no preprocessor_config.json" in notes[0]
