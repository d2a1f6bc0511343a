"""Where a model may look, by source: drawn masks, files of the user's, ClickMe."""

import numpy as np
import pytest
import torch
from PIL import Image

from zollstock.errors import ZollstockError
from zollstock.images.geometry import Geometry
from zollstock.models.card import Model
from zollstock.models.data.base import Pictures, source_of
from zollstock.models.normalisation import Normalisation
from zollstock.repair.sources import ceiling_of, check_enough, wanted_maps
from zollstock.repair.wanted import write_map
from zollstock.worlds.datasets import sample_dataset

SIDE = 8


def model_of(size=(SIDE, SIDE), classes=("cat", "dog")):
    return Model(torch.nn.Identity(), classes, Geometry(size), Normalisation(), "logits")


def pictures_of(names, side=SIDE, among=(), latents=None):
    rng = np.random.default_rng(0)
    frames = rng.integers(0, 256, (len(names), side, side, 3), dtype=np.uint8)
    labels = ["cat"] * len(names)
    return Pictures(
        "the set", labels, frames.__getitem__, names=names, among=among, latents=latents or {}
    )


def save(file, values):
    file.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.asarray(values, np.uint8)).save(file)


def half(side=SIDE):
    found = np.zeros((side, side), np.uint8)
    found[:, side // 2 :] = 255
    return found


def masks(folder, **settings):
    return {"source": "masks", "folder": str(folder), "white": "may", "least": 1} | settings


def test_masks_are_of_the_pictures_they_are_named_after(tmp_path):
    save(tmp_path / "cat" / "a.png", half(16))
    save(tmp_path / "b.png", 255 - half(16))
    pictures = pictures_of(["cat/a", "dog/a", "dog/b"], side=16)
    found = wanted_maps(pictures, model_of(), masks(tmp_path))
    assert found.shape == (3, SIDE, SIDE) and found.dtype == np.float32
    assert (found[0, :, 6:] == 1).all() and (found[0, :, :2] == 0).all()
    assert np.isnan(found[1]).all()
    np.testing.assert_array_equal(found[2], found[0][:, ::-1])
    other = wanted_maps(pictures, model_of(), masks(tmp_path, white="may_not"))
    np.testing.assert_allclose(other[0], 1 - found[0], atol=1e-6)


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({}, "holds no file"),
        ({"c": half()}, r"holds c\.png, after which no picture.*names such as"),
        ({"a": half()}, r"may be of 2 training pictures"),
        ({"cat/a": half(), "dog/b": half(), "b": half()}, r"is of 'dog/b', as b\.png is"),
        ({"cat/a": half(4)}, r"has 4×4 pixels.*8×8"),
        ({"cat/a": 0 * half()}, "is the same everywhere"),
        ({"cat/a": 0 * half() + 255}, "is the same everywhere"),
    ],
)
def test_files_that_are_no_maps_are_named(tmp_path, files, message):
    for name, values in files.items():
        save(tmp_path / f"{name}.png", values)
    with pytest.raises(ZollstockError, match=f"(?s){message}"):
        wanted_maps(pictures_of(["cat/a", "dog/a", "dog/b"]), model_of(), masks(tmp_path))


def test_what_is_no_picture_is_named(tmp_path):
    (tmp_path / "a.png").write_bytes(b"no picture")
    with pytest.raises(ZollstockError, match="cannot be read"):
        wanted_maps(pictures_of(["a"]), model_of(), masks(tmp_path))


def test_maps_of_pictures_that_are_not_taken_this_time_are_passed_over(tmp_path):
    for name in ("a", "b"):
        save(tmp_path / f"{name}.png", half())
    found = wanted_maps(pictures_of(["b"], among=["a", "b"]), model_of(), masks(tmp_path))
    assert np.isfinite(found).all()
    # Of drawn pictures those of other draws are, too; but some have to be of these.
    drawn = pictures_of(["x_1", "b"], latents={"z": np.zeros(2)})
    assert np.isfinite(wanted_maps(drawn, model_of(), masks(tmp_path))[1]).all()
    with pytest.raises(ZollstockError, match="after which no picture"):
        wanted_maps(pictures_of(["x_1"], latents={"z": np.zeros(1)}), model_of(), masks(tmp_path))


def test_too_few_maps_are_said(tmp_path):
    save(tmp_path / "a.png", half())
    told = masks(tmp_path, least=2)
    found = wanted_maps(pictures_of(["a", "b"]), model_of(), told)
    with pytest.raises(ZollstockError, match=r"holds maps of 1 of the 2 training pictures.*2 at"):
        check_enough(found, told, "the set")
    check_enough(found, told | {"least": 1}, "the set")


def test_a_map_that_was_written_painted_and_read_back(tmp_path):
    values = np.linspace(0, 1, SIDE * SIDE).reshape(SIDE, SIDE)
    write_map(values, tmp_path / "a.png")
    told = {"source": "painted", "folder": str(tmp_path), "least": 1}
    found = wanted_maps(pictures_of(["a"], side=32), model_of(), told)
    np.testing.assert_allclose(found[0], values, atol=1 / 255)
    with Image.open(tmp_path / "a.png") as picture:
        painted = np.array(picture)
    painted[:2] = 255
    save(tmp_path / "a.png", painted)
    again = wanted_maps(pictures_of(["a"], side=32), model_of(), told)
    assert (again[0, :2] == 1).all() and (again[0, 2:] == found[0, 2:]).all()
    # As large as the model's input: not as the picture.
    save(tmp_path / "a.png", half(32))
    with pytest.raises(ZollstockError, match=r"has 32×32 pixels"):
        wanted_maps(pictures_of(["a"], side=32), model_of(), told)
    assert ceiling_of(told) == 1 and ceiling_of({"source": "frames"}) is None


def drawn(**settings):
    world = {"name": "pets", "size": 32, "bias": None, "shape_noise": 0.3}
    latents, labels = sample_dataset(world, "unbiased", 3, (1,))
    pictures = Pictures(
        "drawn", ["cat"] * len(labels), lambda place: np.zeros((32, 32, 3), np.uint8)
    )
    pictures = Pictures(
        "drawn", pictures.labels, pictures.read, latents=latents, names=["a", "b", "c"]
    )
    told = {"source": "drawn", "only": None, "all_but": None, "least": 1, "world": world}
    return wanted_maps(pictures, model_of((32, 32)), told | settings)


def test_masks_of_the_drawn_world_by_name():
    fur, rest = drawn(only=["fur"]), drawn(all_but=["fur"])
    np.testing.assert_allclose(fur + rest, 1, atol=1e-6)
    assert 0.05 < fur.mean() < 0.8
    # A part of the world as well; the head is fur.
    head = drawn(only=["head"])
    assert head.sum() > 0 and (head <= drawn(only=["head", "fur"]) + 1e-6).all()
    assert ceiling_of({"source": "drawn"}) is None


def save_clickme(folder, count=6, **changed):
    folder.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(1)
    for ending in ("", "val"):
        frames = torch.from_numpy(rng.random((count, 3, 24, 24), dtype=np.float32))
        if count > 3:
            frames[3] = frames[0]  # a picture of which there are two maps
        exps = torch.zeros(count, 1, 24, 24)
        for place in range(count):
            exps[place, 0, 4 + place : 10 + place, 4:12] = 1.0 + place
        told = {
            "images": frames,
            "labels": torch.tensor([0, 217, 701, 0, 217, 701][:count]),
            "exps": exps,
        } | {key: make({"images": frames, "exps": exps}) for key, make in changed.items()}
        for kind, values in told.items():
            torch.save(values, folder / f"10{kind}{ending}.pt")
    return folder


NAMES = ("tench", "English springer", "parachute")


def clickme_pictures(folder):
    data = {"source": "clickme", "path": str(folder)}
    return source_of(data).training_set(data, NAMES, 0), dict(source_of(data).test_sets(data, 0))


def test_clickme_is_read_as_ixai_lays_it_out(tmp_path):
    pictures, tests = clickme_pictures(save_clickme(tmp_path))
    # The second map of a picture is left out.
    assert pictures.names == [f"train_{place:05d}" for place in (0, 1, 2, 4, 5)]
    assert list(pictures.labels) == ["tench", *NAMES[1:], *NAMES[1:]]
    assert list(tests) == ["clickme, val", "clickme, train"]
    raw = torch.load(tmp_path / "10images.pt", weights_only=True)[2]
    np.testing.assert_array_equal(
        pictures.read(2), (255 * raw).round().to(torch.uint8).permute(1, 2, 0).numpy()
    )
    told = {"source": "clickme", "folder": str(tmp_path), "least": 1}
    model = model_of((12, 12), NAMES)
    found = wanted_maps(pictures, model, told)
    assert found.shape == (5, 12, 12) and (found.min((1, 2)) == 0).all()
    assert (found.max((1, 2)) == 1).all()
    # The middle of what was clicked is brightest, give or take a pixel of the smaller map.
    for row, place in zip(found, (0, 1, 2, 4, 5), strict=True):
        rows, columns = np.nonzero(row > 0.9)
        assert abs(rows.mean() - (6.5 + place) / 2) < 1 and abs(columns.mean() - 7.5 / 2) < 1
    assert ceiling_of(told) == pytest.approx(0.65753)


def test_clickme_pictures_may_be_normalised_or_bytes(tmp_path):
    mean, std = (
        torch.tensor(one)[None, :, None, None]
        for one in ((0.485, 0.456, 0.406), (0.229, 0.224, 0.225))
    )
    plain, _ = clickme_pictures(save_clickme(tmp_path / "plain"))
    folder = save_clickme(tmp_path / "normal", images=lambda one: (one["images"] - mean) / std)
    normal, _ = clickme_pictures(folder)
    folder = save_clickme(
        tmp_path / "bytes", images=lambda one: (255 * one["images"]).round().to(torch.uint8)
    )
    whole, _ = clickme_pictures(folder)
    for place in range(5):
        np.testing.assert_array_equal(plain.read(place), normal.read(place))
        np.testing.assert_array_equal(plain.read(place), whole.read(place))


class Evil:
    def __reduce__(self):
        return (print, ("ran",))


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"labels": lambda one: torch.full((6,), 5)}, r"10labels\.pt.*has the label 5"),
        ({"exps": lambda one: one["exps"][:4]}, r"10exps\.pt.*has shape \(4, 24, 24\) beside 6"),
        ({"images": lambda one: 9 * one["images"]}, r"10images\.pt.*holds numbers from"),
        ({"labels": lambda one: Evil()}, r"10labels\.pt.*cannot be read"),
        ({"labels": lambda one: {"a": 1}}, r"10labels\.pt.*holds no tensor"),
    ],
)
def test_clickme_files_that_hold_something_else_are_named(tmp_path, changed, message, capsys):
    save_clickme(tmp_path, **changed)
    with pytest.raises(ZollstockError, match=f"(?s){message}"):
        clickme_pictures(tmp_path)
    assert "ran" not in capsys.readouterr().out


def test_clickme_maps_that_say_nothing(tmp_path):
    told = {"source": "clickme", "folder": str(tmp_path), "least": 1}

    def one_constant(given):
        found = given["exps"].clone()
        found[1] = 3
        return found

    save_clickme(tmp_path, exps=one_constant)
    pictures, _ = clickme_pictures(tmp_path)
    found = wanted_maps(pictures, model_of((12, 12), NAMES), told)
    assert list(np.isnan(found).all((1, 2))) == [False, True, False, False, False]
    other = tmp_path / "nan"
    save_clickme(other, exps=lambda given: given["exps"] * float("nan"))
    pictures, _ = clickme_pictures(other)
    with pytest.raises(ZollstockError, match=r"train_00000': has numbers that are not finite"):
        wanted_maps(pictures, model_of((12, 12), NAMES), told | {"folder": str(other)})
    with pytest.raises(ZollstockError, match=r"has no map of the training picture 'a'"):
        wanted_maps(pictures_of(["a"]), model_of(), told)


def test_clickme_in_pieces_says_how_to_join_them(tmp_path):
    save_clickme(tmp_path)
    whole = tmp_path / "10images.pt"
    whole.rename(tmp_path / "10images.pt.aa")
    with pytest.raises(ZollstockError, match=r"1 pieces.*cat 10images\.pt\.\?\? > 10images\.pt"):
        clickme_pictures(tmp_path)
