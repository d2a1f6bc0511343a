"""What is handed in: label pictures of the user's, and other images of the study."""

import json
from dataclasses import replace

import numpy as np
import pytest
import torch
from PIL import Image

from tests.unit.locate.nets import Net
from zollstock.errors import ZollstockError
from zollstock.images.geometry import Geometry
from zollstock.images.reading import pixel_sha256
from zollstock.images.table import ImageRecord, save_png
from zollstock.locate.combinations import Combinations, judge_combinations
from zollstock.locate.handed import Frames, Handed
from zollstock.locate.kept import KeptMaps
from zollstock.locate.rows import KeptRows
from zollstock.locate.study import Located, locate_in
from zollstock.locate.taking import Method
from zollstock.settings.locate.grid import MethodGridSettings
from zollstock.settings.locate.perturbation import PerturbationSettings

EVALUATE = {"steps": 3, "fills": ["mean"], "curves": ["lif", "mif"], "ties": 1}


@pytest.fixture
def images(tmp_path):
    rng = np.random.default_rng(0)
    found = []
    for place in range(6):
        pixels = rng.integers(0, 256, (16, 12, 3), dtype=np.uint8)
        file = tmp_path / "pixels" / f"i{place}.png"
        save_png(pixels, file)
        found.append(ImageRecord(f"i{place}", "cat", pixel_sha256(pixels), "here", file))
    return found


@pytest.fixture
def labels(images, tmp_path):
    """A folder of label pictures: the upper 4 rows, and what is below."""
    folder = tmp_path / "labels"
    folder.mkdir()
    cut = np.zeros((16, 12), np.uint8)
    cut[4:] = 200
    for image in images:
        Image.fromarray(cut).save(folder / f"{image.id}.png")
    return folder


def handed(images, place=0, size=(8, 6), frames=None, seed=1):
    geometry = Geometry(size)
    return Handed(images[place], geometry, size, frames or {}, images, seed)


def test_labels_are_those_of_the_picture_or_of_the_frames(images, labels):
    # Frames that show the middle square alone: 2 of its 12 rows are above the cut.
    found = handed(images, frames={"light": Frames((12, 12), "crop")})
    segments = {"name": "labels", "path": str(labels)}
    seen = found.labels(segments)
    assert seen.shape == (8, 6) and (np.diff(seen[:, 0]) != 0).nonzero()[0].tolist() == [1]
    cut = found.labels(segments, "light")
    assert cut.shape == (8, 6) and (np.diff(cut[:, 0]) != 0).nonzero()[0].tolist() == [0]


def test_random_others_hang_on_no_order_and_little_on_each_other(images):
    fill = {"name": "picture", "image": "random", "number": 3}
    one, again = handed(images), handed(images[:1] + images[:0:-1])
    drawn = [record.id for record in one.others(fill)]
    assert len(set(drawn)) == 3 and images[0].id not in drawn
    assert [record.id for record in again.others(fill)] == drawn
    without = [image for image in images if image.id != drawn[-1]]
    assert [record.id for record in handed(without).others(fill)][:2] == drawn[:2]
    firsts = {
        tuple(record.id for record in handed(images, place).others(fill)) for place in range(6)
    }
    assert len(firsts) == 6
    assert [p.shape for p in one.pictures(fill)] == [(8, 6, 3)] * 3
    # Fewer are there than are asked for; a twin of the image is none.
    assert len(one.others(fill | {"number": 99})) == 5
    twin = replace(images[0], id="twin")
    assert "twin" not in {r.id for r in handed([*images, twin]).others(fill | {"number": 99})}


def test_a_named_image_is_put_into_all_others(images):
    fill = {"name": "picture", "image": "i3", "number": 1}
    found = handed(images).pictures(fill)
    np.testing.assert_array_equal(found, Geometry((8, 6)).apply(images[3].pixels()[None]))
    assert handed(images, 3).pictures(fill) == []
    with pytest.raises(ZollstockError, match=r"names the image 'i33'.*Did you mean 'i3'"):
        handed(images).others(fill | {"image": "i33"})
    with pytest.raises(ZollstockError, match="two images at least"):
        handed(images[:1]).others(fill | {"image": "random"})


def test_a_mark_tells_content_and_not_names(images, labels):
    settings = {
        "segments": {"name": "labels", "path": str(labels)},
        "fill": {"name": "picture", "image": "i3", "number": 1},
    }
    assert handed(images).mark({"segments": {"name": "grid"}, "fill": {"name": "mean"}}) == ""
    first = handed(images).mark(settings)
    assert handed(images).mark(settings) == first
    other = settings | {"fill": {"name": "picture", "image": "i4", "number": 1}}
    assert handed(images).mark(other) != first
    Image.fromarray(np.zeros((16, 12), np.uint8)).save(labels / "i0.png")
    assert handed(images).mark(settings) != first


@pytest.fixture
def model(differentiable):
    return differentiable(Net(), "cat", dtype=torch.float32)


def own(**changes):
    given = {"segments": {"grid": [4, 4]}, "samples": {"random": 0.5, "number": 12}}
    given |= {"fill": "mean", "attribute": "difference"}
    return Method(name="own", **PerturbationSettings.model_validate(given | changes).job_settings())


def located(method, images, model, root, fingerprint="a"):
    """Rows, and image → maps, of one method."""
    study = Located([method], {}, 0, 2, "pets", 5, EVALUATE, images=images)
    kept = KeptMaps(root)
    follow = lambda record: model  # noqa: E731
    rows = list(locate_in(study, images, follow, kept, fingerprint, lambda n: None))
    files = {image.id: root / "own" / image.id / "zarr.json" for image in images}
    return rows, {name: file.stat().st_mtime_ns for name, file in files.items()}


def test_a_study_s_maps_are_constant_on_the_user_s_segments(images, labels, model, tmp_path):
    method = own(segments={"labels": str(labels)})
    _, first = located(method, images[:2], model, tmp_path / "maps")
    import zarr

    (values,) = zarr.open_array(tmp_path / "maps" / "own" / "i0", mode="r")[:]
    assert np.isfinite(values).all()
    assert len(np.unique(values[:4])) == len(np.unique(values[4:])) == 1
    assert values[0, 0] != values[-1, 0]
    # Maps are taken again where the label picture is another one, and only there.
    Image.fromarray(np.tile(np.arange(12, dtype=np.uint8), (16, 1))).save(labels / "i1.png")
    _, second = located(method, images[:2], model, tmp_path / "maps")
    assert second["i0"] == first["i0"] and second["i1"] != first["i1"]


def test_another_image_is_put_in_but_not_into_itself(images, model, tmp_path):
    method = own(fill={"picture": "i1"})
    rows, _ = located(method, images[:3], model, tmp_path / "maps")
    mine = [row for row in rows if row["method"] == "own" and row["measure"] == "srg"]
    assert {row["image"] for row in mine} == {"i0", "i2"}
    (random,) = {
        json.dumps(sorted(row["image"] for row in rows if row["method"] == "own"))
        for rows, _ in [located(own(fill="picture"), images[:3], model, tmp_path / "again")]
    }
    assert json.loads(random) == sorted(["i0", "i1", "i2"] * 3)


def test_a_grid_of_methods_takes_them_too(images, labels, model, tmp_path):
    grid = MethodGridSettings.model_validate(
        {
            "segments": [{"labels": str(labels)}, {"grid": [2, 2]}],
            "samples": [{"exhaustive": {}}],
            "fill": ["mean", {"picture": "i1"}],
            "attribute": ["difference"],
        }
    ).job_settings()
    grid.pop("fraction")
    study = Located([], {}, 0, 2, "pets", 5, EVALUATE, images=images)
    rows = list(
        judge_combinations(
            Combinations(**grid),
            study,
            images[:2],
            lambda record: model,
            KeptRows(tmp_path / "rows"),
            "a",
            lambda: None,
        )
    )
    told = [(row["image"], row["fill"]) for row in rows]
    assert told.count(("i0", "picture i1")) == 4 and told.count(("i0", "mean")) == 4
    assert told.count(("i1", "picture i1")) == 0 and told.count(("i1", "mean")) == 4
    assert {row["number"] for row in rows} == {4, 16}
