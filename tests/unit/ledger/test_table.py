"""Both tables, on exact paths and on broken ones."""

import dataclasses

import numpy as np
import pytest
from PIL import Image

from zollstock.errors import ZollstockError
from zollstock.ledger import (
    COLUMNS,
    Thresholds,
    judge_path,
    make_meter,
    measure_path,
    read_mask,
    rendered_masks,
)
from zollstock.paths import EditPath
from zollstock.settings.ledger import LedgerSettings

FUR = make_meter("fur_lightness", "pets")
THRESHOLDS = Thresholds(**LedgerSettings().model_dump())


def judge(path, masks, meter=FUR, direction=1, **options):
    rows = measure_path(path, image="x", meter=meter, masks=masks)
    name = None if meter is None else meter.name
    return judge_path(
        rows, image="x", meter=name, thresholds=THRESHOLDS, direction=direction, **options
    )


def changed(path, frames):
    return dataclasses.replace(path, frames=np.asarray(frames).astype(np.uint8))


def beginning(path, step):
    """The same path of an image that looks like one of its frames."""
    return dataclasses.replace(path, unedited=path.frames[step])


@pytest.mark.parametrize("latent", ["fur_lightness", "background_brightness"])
@pytest.mark.parametrize("seed", range(8))
def test_exact_paths_have_no_flags(drawn, exact, latent, seed):
    record = drawn(seed)
    path = exact(record, latent, np.linspace(0, 1, 11))
    verdict = judge(path, rendered_masks(record, "pets", 64, 64), make_meter(latent, "pets"))
    assert verdict["flags"] == ""
    assert verdict["spearman"] == pytest.approx(1)
    assert verdict["target_change"] == pytest.approx(verdict["target_range"])
    assert verdict["target_range"] > 0.4
    assert verdict["off_target_share"] < 0.01
    assert verdict["collateral"] < 0.001
    assert verdict["ssim_outside"] > 0.999
    assert verdict["edge_correlation"] > 0.5


def test_the_table_has_a_row_per_step(fur_path):
    record, path, masks = fur_path
    path = beginning(path, 0)
    rows = measure_path(path, image=record.id, meter=FUR, masks=masks)
    assert {name: str(kind) for name, kind in rows.dtypes.items()} == COLUMNS
    assert rows["step"].tolist() == list(range(21))
    assert rows["zero"].tolist() == [True] + 20 * [False]
    assert set(rows["image"]) == {record.id}
    assert set(rows["meter"]) == {"fur_lightness"}
    np.testing.assert_array_equal(rows["axis"], path.axis)
    np.testing.assert_array_equal(rows["value"], FUR.values(path.frames, 0, masks))
    np.testing.assert_array_equal(rows["off_target"], FUR.off_target(path.frames, masks))
    first = rows.iloc[0]
    assert first["pixel_change"] == first["pixel_change_outside"] == 0
    assert first["ssim"] == first["ssim_outside"] == pytest.approx(1)
    assert first["edge_correlation"] == pytest.approx(1)
    assert first["edge_correlation_source"] == pytest.approx(1)
    whole = np.abs(path.frames[20].astype(int) - path.frames[0]).mean() / 255
    assert rows["pixel_change"].iloc[20] == pytest.approx(whole)
    assert rows.notna().all(axis=None)


def test_a_constant_path_is_flat(fur_path):
    _, path, masks = fur_path
    verdict = judge(changed(beginning(path, 10), path.frames[[10] * 21]), masks)
    assert verdict["flags"] == "flat"
    assert verdict["target_range"] == verdict["off_target_range"] == verdict["collateral"] == 0


def test_a_path_that_is_over_early_is_saturated(fur_path):
    _, path, masks = fur_path
    steps = np.minimum(np.round(np.arange(21) / 0.3), 20).astype(int)
    verdict = judge(changed(beginning(path, 0), path.frames[steps]), masks)
    assert verdict["flags"] == "saturated"
    assert verdict["saturation"] == pytest.approx(0.7)
    assert verdict["spearman"] < 0.95 < verdict["spearman_moving"]


def test_a_path_backwards_is_reversed(fur_path):
    _, path, masks = fur_path
    verdict = judge(changed(path, path.frames[::-1]), masks)
    assert verdict["flags"] == "reversed"
    assert verdict["spearman"] == pytest.approx(-1)
    assert judge(changed(path, path.frames[::-1]), masks, direction=None)["flags"] == ""


def test_a_zigzag_is_not_monotone(fur_path):
    _, path, masks = fur_path
    steps = np.clip(np.arange(21) + np.where(np.arange(21) % 2, 6, -6), 0, 20)
    verdict = judge(changed(path, path.frames[steps]), masks)
    assert verdict["flags"] == "not_monotone"
    assert verdict["spearman"] > 0


def test_a_background_that_moves_along_is_entangled(fur_path):
    _, path, masks = fur_path
    brighter = path.frames + path.axis[:, None, None, None] * 60 * masks["background"][..., None]
    verdict = judge(changed(path, np.clip(brighter, 0, 255)), masks)
    assert verdict["flags"] == "entangled"
    assert verdict["off_target_share"] > 0.15
    assert verdict["collateral"] > 0.05


def test_a_change_that_leaves_the_mean_is_seen_outside_of_the_mask(rng, fur_path):
    _, path, masks = fur_path
    grain = rng.choice([-40.0, 40.0], (64, 64, 1)) * masks["background"][..., None]
    grainy = np.clip(path.frames + path.axis[:, None, None, None] * grain, 0, 255)
    verdict = judge(changed(path, grainy), masks)
    assert "entangled" in verdict["flags"].split(";")
    assert verdict["off_target_share"] < 0.15
    assert verdict["collateral"] > 0.05
    assert verdict["ssim_outside"] < 0.8


def test_noise_has_lost_its_identity_and_changed_what_is_outside(rng, fur_path):
    _, path, masks = fur_path
    noise = rng.integers(0, 256, path.frames.shape)
    noise[0] = path.frames[0]
    verdict = judge(changed(path, noise), masks)
    assert {"entangled", "identity_lost"} <= set(verdict["flags"].split(";"))
    assert verdict["edge_correlation"] < 0.2


def test_noise_instead_of_the_picture_has_lost_its_identity(rng, fur_path):
    _, path, _ = fur_path
    everywhere = {"inside": np.ones((64, 64), np.float32), "outside": np.zeros((64, 64), "f4")}
    noise = 60 + 120 * path.axis[:, None, None, None] + rng.normal(0, 20, path.frames.shape)
    verdict = judge(changed(path, noise), everywhere, make_meter("luminance"))
    assert verdict["flags"] == "identity_lost"
    assert np.isnan(verdict["collateral"])
    assert np.isnan(verdict["off_target_share"])
    # The frames resemble neither each other nor the source.
    assert verdict["edge_correlation"] < 0.2
    assert verdict["edge_correlation_source"] < 0.2
    kept = judge(changed(path, noise), everywhere, make_meter("luminance"), keeps_edges=False)
    assert kept["flags"] == ""


def test_a_path_of_another_animal_has_lost_the_source(fur_path, drawn, exact):
    _, path, _ = fur_path
    other = exact(drawn(7), "fur_lightness", path.axis)
    swapped = dataclasses.replace(other, unedited=path.unedited)
    verdict = judge(swapped, rendered_masks(drawn(7), "pets", 64, 64))
    assert verdict["edge_correlation"] > 0.5
    assert "identity_lost" in verdict["flags"].split(";")


def test_a_two_sided_axis_starts_in_its_middle(drawn, exact):
    record = drawn(2)
    masks = rendered_masks(record, "pets", 64, 64)
    path = beginning(exact(record, "fur_lightness", np.linspace(-4, 4, 17)), 8)
    rows = measure_path(path, image="x", meter=FUR, masks=masks)
    assert np.flatnonzero(rows["zero"]).tolist() == [8]
    assert rows["pixel_change"].iloc[8] == 0
    assert (rows["pixel_change"].drop(8) > 0).all()
    verdict = judge(path, masks)
    assert (verdict["flags"], verdict["zero_step"]) == ("", 8)
    one_way = judge(changed(path, path.frames[np.maximum(np.arange(17), 8)]), masks)
    assert (one_way["flags"], one_way["saturation"]) == ("saturated", 1)


def test_what_is_outside_is_compared_with_the_middle_too(fur_path):
    _, path, masks = fur_path
    axis = path.axis - 0.5
    brighter = path.frames + axis[:, None, None, None] * 60 * masks["background"][..., None]
    two_sided = EditPath(np.clip(brighter, 0, 255).astype(np.uint8), axis, path.frames[10])
    rows = measure_path(two_sided, image="x", meter=FUR, masks=masks)
    assert rows["pixel_change_outside"].iloc[10] == 0
    assert (rows["pixel_change_outside"].drop(10) > 0).all()
    assert rows["ssim_outside"].iloc[10] == pytest.approx(1)
    assert rows["edge_correlation"].iloc[10] == pytest.approx(1)


@pytest.mark.parametrize("column", ["edge_correlation", "edge_correlation_source"])
def test_edges_of_the_zero_frame_and_of_the_source_both_count(fur_path, column):
    _, path, masks = fur_path
    rows = measure_path(path, image="x", meter=FUR, masks=masks)
    options = {"image": "x", "meter": FUR.name, "thresholds": THRESHOLDS}
    lost = rows[column].where(rows["step"] != 5, 0.3)
    assert judge_path(rows.assign(**{column: lost}), **options)["flags"] == "identity_lost"
    unknown = rows.assign(**{column: np.nan})
    assert judge_path(unknown, **options)["flags"] == ""


def test_the_exact_range_is_covered_in_part(fur_path):
    _, path, masks = fur_path
    truth = FUR.values(path.frames, 0, masks)
    half = judge(changed(path, path.frames[np.arange(21) // 2 + 5]), masks, truth=truth)
    assert half["covered"] == pytest.approx((truth[15] - truth[5]) / (truth[20] - truth[0]))
    assert judge(path, masks, truth=truth)["covered"] == 1
    assert np.isnan(judge(path, masks)["covered"])


def test_without_meter_and_mask_the_whole_change_is_told(fur_path):
    _, path, _ = fur_path
    verdict = judge(path, None, meter=None)
    assert verdict["flags"] == "unmeasured"
    assert verdict["meter"] == ""
    assert verdict["size"] > 0.05
    assert verdict["ssim"] < 0.95
    for name in ("collateral", "ssim_outside", "target_range", "spearman", "off_target_share"):
        assert np.isnan(verdict[name]), name


def test_a_mask_shows_collateral_even_without_a_meter(fur_path, tmp_path):
    record, path, masks = fur_path
    grey = np.round(masks["fur"] * 255).astype(np.uint8)
    Image.fromarray(grey).save(tmp_path / f"{record.id}.png")
    painted = read_mask(str(tmp_path / "{image}.png"), record, 64, 64)
    assert judge(path, painted, meter=None)["collateral"] < 0.001
    luminance = judge(path, painted, make_meter("luminance"))
    assert luminance["flags"] == ""
    assert luminance["target_range"] == pytest.approx(judge(path, masks)["target_range"], rel=0.01)


def test_clip_measures_a_path(fur_path, clip_folder):
    _, path, masks = fur_path
    meter = make_meter(
        "clip_direction", model=str(clip_folder), source_text="dark fur", target_text="light fur"
    )
    verdict = judge(path, None, meter)
    assert np.isfinite(verdict["spearman"])
    assert np.isnan(verdict["collateral"])
    assert np.isfinite(judge(path, {"inside": masks["fur"]}, meter)["collateral"])
    assert np.isnan(judge(path, masks, meter)["collateral"])  # it has no region in these


@pytest.mark.parametrize("empty", [False, True])
def test_a_path_without_frames_has_failed(fur_path, empty):
    _, path, masks = fur_path
    path = EditPath(path.frames[:0], path.axis[:0], path.unedited) if empty else None
    rows = measure_path(path, image="x", meter=FUR, masks=masks)
    assert {name: str(kind) for name, kind in rows.dtypes.items()} == COLUMNS
    verdict = judge(path, masks)
    assert verdict["flags"] == "failed"
    assert (verdict["image"], verdict["meter"]) == ("x", "fur_lightness")
    assert (verdict["steps"], verdict["zero_step"]) == (0, -1)
    whole = judge(fur_path[1], masks)
    assert list(verdict) == list(whole)
    assert {type(verdict[name]) for name in verdict} == {type(whole[name]) for name in whole}


def test_tiny_and_plain_frames_give_nan_and_no_error():
    frames = np.stack([np.full((4, 5, 3), value, np.uint8) for value in (0, 60, 120, 180)])
    path = EditPath(frames, np.arange(4.0), frames[0])
    everywhere = {"inside": np.ones((4, 5), np.float32), "outside": np.zeros((4, 5), "f4")}
    verdict = judge(path, everywhere, make_meter("luminance"))
    assert verdict["flags"] == ""
    assert verdict["target_change"] == pytest.approx(180 / 255)
    assert np.isnan(verdict["ssim"])
    assert np.isnan(verdict["edge_correlation"])


def test_the_verdict_is_the_same_from_a_file(fur_path, tmp_path):
    import pandas as pd

    record, path, masks = fur_path
    rows = measure_path(path, image=record.id, meter=None, masks=masks)
    rows.to_csv(tmp_path / "ledger.csv", index=False)
    read = pd.read_csv(tmp_path / "ledger.csv")
    options = {"image": "x", "meter": None, "thresholds": THRESHOLDS}
    assert judge_path(read, **options) == pytest.approx(judge_path(rows, **options), nan_ok=True)


@pytest.mark.parametrize("axis", [[0, 1, 1], [0, 2, 1], [0, 1, np.nan], [0, 1]])
def test_an_axis_that_turns_is_named(axis):
    frames = np.zeros((3, 8, 8, 3), np.uint8)
    with pytest.raises(ZollstockError, match="path of x: has 3 frames and the axis"):
        measure_path(EditPath(frames, np.array(axis, dtype=float), frames[0]), image="x")


def test_masks_of_another_size_are_named(fur_path):
    _, path, masks = fur_path
    small = {name: weights[:32, :32] for name, weights in masks.items()}
    with pytest.raises(ZollstockError, match=r"mask of fur: has shape \(32, 32\)"):
        measure_path(path, image="x", meter=FUR, masks=small)
    with pytest.raises(ZollstockError, match="mask of fur: is missing"):
        measure_path(path, image="x", meter=FUR)
