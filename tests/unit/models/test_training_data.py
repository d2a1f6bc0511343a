"""What models are trained on: each source, and what is wrong with it."""

import struct

import numpy as np
import pytest
from PIL import Image

from tests.unit.images.test_layouts import cifar_rows
from zollstock.errors import ZollstockError
from zollstock.images.geometry import Geometry
from zollstock.models.data import renderer
from zollstock.models.data.base import Pictures, source_of
from zollstock.settings.training import DATA_FORMS
from zollstock.worlds.datasets import draw_dataset

WORLD = {"name": "pets", "size": 16, "bias": 0.9, "shape_noise": 0.3}
SMALL = Geometry((8, 8))


def photos(root, count=30, labels=("cat", "dog"), side=16):
    """Pictures whose brightness is their class."""
    rng = np.random.default_rng(0)
    for place, label in enumerate(labels):
        for number in range(count):
            file = root / label / f"{number}.png"
            file.parent.mkdir(parents=True, exist_ok=True)
            pixels = rng.integers(0, 100, (side, side, 3)) + 150 * (place % 2)
            Image.fromarray(pixels.astype(np.uint8)).save(file)
    return {"source": "folder", "path": str(root), "test_share": 0.3}


def idx(root, start, frames, labels):
    head = struct.pack(">HBBIII", 0, 8, 3, len(frames), 28, 28)
    (root / f"{start}-images-idx3-ubyte").write_bytes(head + frames.tobytes())
    head = struct.pack(">HBBI", 0, 8, 1, len(labels))
    (root / f"{start}-labels-idx1-ubyte").write_bytes(head + bytes(labels))


def test_every_source_has_a_form_and_a_module():
    for name in DATA_FORMS:
        assert callable(source_of({"source": name}).training_set)


def test_drawn_pictures_are_those_of_before():
    data = {"source": "renderer", "world": WORLD, "distribution": "dark_cats", "images": 20}
    images, labels = (
        source_of(data).training_set(data, ["cat", "dog"], 7).fitted(["cat", "dog"], Geometry())
    )
    known = draw_dataset(WORLD, "dark_cats", 20, (7, "train"))
    np.testing.assert_array_equal(images, known[0])
    np.testing.assert_array_equal(labels, known[1])
    data = {"source": "renderer", "world": WORLD, "test_images": 6}
    splits = dict(source_of(data).test_sets(data, 7))
    assert sorted(splits) == ["dark_cats", "dark_dogs", "unbiased"]
    known = draw_dataset(WORLD, "unbiased", 6, (7, "test"))[0]
    np.testing.assert_array_equal(splits["unbiased"].fitted(["cat", "dog"], Geometry())[0], known)
    with pytest.raises(ZollstockError, match="classes"):
        source_of(data).training_set(data, ["dog", "cat"], 7)


def test_a_folder_is_split_by_names_and_labels_go_by_the_classes(tmp_path):
    data = photos(tmp_path / "pets")
    train = source_of(data).training_set(data, ["dog", "cat"], 0)
    splits = dict(source_of(data).test_sets(data, 0))
    assert list(splits) == ["pets, test", "pets, train"]
    assert len(train.labels) + len(splits["pets, test"].labels) == 60
    images, labels = train.fitted(["dog", "cat"], SMALL)
    assert images.shape[1:] == (8, 8, 3)
    assert (images.mean((1, 2, 3)) < 120).tolist() == (labels == 1).tolist()  # cats are dark
    # Another picture moves none from one part to the other.
    photos(tmp_path / "pets", count=31)
    more = source_of(data).training_set(data, ["dog", "cat"], 0)
    assert 0 <= len(more.labels) - len(train.labels) <= 2


def test_mnist_and_cifar10_are_read_from_their_files(tmp_path):
    frames = np.random.default_rng(0).integers(0, 256, (20, 28, 28), dtype=np.uint8)
    labels = [place % 10 for place in range(20)]
    for start in ("train", "t10k"):
        idx(tmp_path, start, frames, labels)
    data = {"source": "dataset", "layout": "mnist", "path": str(tmp_path)}
    digits = list("0123456789")
    images, found = source_of(data).training_set(data, digits, 0).fitted(digits, Geometry())
    np.testing.assert_array_equal(images[..., 0], frames)
    assert found.tolist() == labels
    splits = dict(source_of(data).test_sets(data, 0))
    assert [len(splits[f"mnist, {part}"].labels) for part in ("test", "train")] == [20, 20]
    rows, labels = cifar_rows()
    content = np.concatenate([np.array(labels, np.uint8)[:, None], rows], axis=1)
    for name in ("test_batch", *(f"data_batch_{k}" for k in range(1, 6))):
        content.tofile(tmp_path / f"{name}.bin")
    data = {"source": "dataset", "layout": "cifar10", "path": str(tmp_path)}
    pictures = source_of(data).training_set(data, [], 0)
    assert list(pictures.labels[:3]) == ["cat", "dog", "airplane"]
    assert pictures.read(1).shape == (32, 32, 3)


def test_digits_need_no_folder():
    data = {"source": "dataset", "layout": "digits", "path": None}
    images, labels = (
        source_of(data).training_set(data, [], 0).fitted(list("0123456789"), Geometry((32, 32)))
    )
    assert images.shape == (len(labels), 32, 32, 3)
    assert np.bincount(labels).min() > 100


@pytest.mark.parametrize(
    ("labels", "classes", "message"),
    [
        (["cat", "fox"], ["cat", "dog"], "has the label 'fox', which is no class of the model"),
        (["cat", "cat"], ["cat", "dog"], "has no picture of the class 'dog'"),
        ([], ["cat", "dog"], "has no picture of the class 'cat'"),
    ],
)
def test_labels_and_classes_must_fit(labels, classes, message):
    black = np.zeros((8, 8, 3), np.uint8)
    with pytest.raises(ZollstockError, match=message):
        Pictures("here", labels, lambda place: black).fitted(classes, Geometry())


def test_pictures_of_two_sizes_need_one_and_unreadable_ones_are_told(tmp_path, capsys):
    data = photos(tmp_path)
    photos(tmp_path, count=10, side=20)
    train = source_of(data).training_set(data, ["cat", "dog"], 0)
    with pytest.raises(ZollstockError, match=r"20×20 and of 16×16 pixels.*preprocessing\.size"):
        train.fitted(["cat", "dog"], Geometry())
    for number in range(10):
        (tmp_path / "cat" / f"{number}.png").write_text("no picture")
    train.fitted(["cat", "dog"], SMALL)
    assert "skipped, first cat/1 (not an image" in capsys.readouterr().err


def test_an_empty_folder_is_named(tmp_path):
    data = {"source": "folder", "path": str(tmp_path), "test_share": 0.2}
    with pytest.raises(ZollstockError, match="holds no picture to train on"):
        source_of(data).training_set(data, [], 0)
    data["path"] = str(tmp_path / "away")
    with pytest.raises(ZollstockError, match=r"away: cannot be read"):
        source_of(data).training_set(data, [], 0)


def test_labels_may_tell_another_latent_with_one_limit_for_all_sets():
    world = {"name": "faces", "size": 16, "bias": 0.9, "shape_noise": 1.0}
    data = {"source": "renderer", "world": world, "distribution": "unbiased", "images": 64}
    told = data | {"label_by": ["glasses", "skin_tone"], "test_images": 40}
    pictures = renderer.training_set(told, [], 0)
    plain = renderer.training_set(data, ["old", "young"], 0)
    assert all((pictures.read(place) == plain.read(place)).all() for place in range(64))
    for place, label in enumerate(pictures.labels):
        high = [pictures.latents["glasses"][place] > 0, pictures.latents["skin_tone"][place] > 0.5]
        words = label.split()
        if abs(pictures.latents["skin_tone"][place] - 0.5) > 0.05:
            assert [words[0] == "high", words[2] == "high"] == high
    assert 20 < sum(label.endswith("high skin_tone") for label in pictures.labels) < 44
    names = [name for name, _ in renderer.test_sets(told, 0)]
    assert names == ["unbiased by glasses, skin_tone", "grey_with_age by glasses, skin_tone"]
