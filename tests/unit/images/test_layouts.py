"""Datasets as they lie on people's disks."""

import gzip
import json
import pickle
import struct
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from scipy.io import savemat

from zollstock.errors import ZollstockError
from zollstock.images.layouts import arrays, masks
from zollstock.images.layouts.base import Asked, list_dataset, main_class
from zollstock.images.layouts.registry import LAYOUTS, files_of_dataset
from zollstock.images.selection import select_files

SPLITS = ("train", "test")
RNG = np.random.default_rng(0)


def picture(file, side=16):
    file.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(RNG.integers(0, 256, (side, side, 3), dtype=np.uint8)).save(file)


def found(layout, root, **how):
    return {each.id: each.label for each in list_dataset(layout, Asked(root, **how))}


def test_imagenet_in_folders_by_wordnet_id(tmp_path):
    picture(tmp_path / "val/n01440764/ILSVRC2012_val_00000293.JPEG")
    picture(tmp_path / "val/n07930864/ILSVRC2012_val_00000017.JPEG")
    assert found("imagenet", tmp_path) == {
        "ILSVRC2012_val_00000293": "tench",
        "ILSVRC2012_val_00000017": "cup",
    }


def test_imagenet_flat_with_the_table(tmp_path):
    for number in (1, 2):
        picture(tmp_path / f"Data/CLS-LOC/val/ILSVRC2012_val_{number:08d}.JPEG")
    (tmp_path / "LOC_val_solution.csv").write_text(
        "ImageId,PredictionString\nILSVRC2012_val_00000002,n01440764 1 2 3 4 n01440764 5 6 7 8\n"
    )
    assert found("imagenet", tmp_path) == {"ILSVRC2012_val_00000002": "tench"}


def test_imagenet_flat_with_the_devkit(tmp_path):
    for number in (1, 2):
        picture(tmp_path / f"val/ILSVRC2012_val_{number:08d}.JPEG")
    kit = tmp_path / "ILSVRC2012_devkit_t12/data"
    kit.mkdir(parents=True)
    (kit / "ILSVRC2012_validation_ground_truth.txt").write_text("2\n1\n")
    kinds = [("ILSVRC2012_ID", "i4"), ("WNID", "O")]
    savemat(
        kit / "meta.mat", {"synsets": np.array([(1, "n07930864"), (2, "n01440764")], dtype=kinds)}
    )
    assert list(found("imagenet", tmp_path).values()) == ["tench", "cup"]


def test_imagenet_with_a_label_that_is_none_is_named(tmp_path):
    picture(tmp_path / "n99999999/ILSVRC2012_val_00000001.JPEG")
    with pytest.raises(ZollstockError, match=r"n99999999.*WordNet id"):
        found("imagenet", tmp_path)


def boxes(file, *objects):
    file.parent.mkdir(parents=True, exist_ok=True)
    text = "".join(
        f"<object><name>{name}</name><bndbox><xmin>0</xmin><ymin>0</ymin><xmax>{side}</xmax>"
        f"<ymax>{side}</ymax></bndbox></object>"
        for name, side in objects
    )
    file.write_text(f"<annotation>{text}</annotation>")


def test_voc_takes_pictures_of_one_main_class(tmp_path, capsys):
    root = tmp_path / "VOCdevkit/VOC2007"
    boxes(root / "Annotations/000001.xml", ("dog", 10))
    boxes(root / "Annotations/000002.xml", ("dog", 10), ("cat", 9))
    boxes(root / "Annotations/000003.xml", ("car", 10), ("person", 3))
    for number in (1, 2, 3):
        picture(root / f"JPEGImages/{number:06d}.jpg")
    (root / "ImageSets/Main").mkdir(parents=True)
    (root / "ImageSets/Main/trainval.txt").write_text("000001\n000002\n000003\n")
    assert found("voc2007", tmp_path) == {"000001": "dog", "000003": "car"}
    assert "1 pictures are left out" in capsys.readouterr().err
    with pytest.raises(ZollstockError, match=r"test\.txt: is missing.*images\.split"):
        found("voc2007", tmp_path, split="test")


def coco(root, split="val2014"):
    (root / "annotations").mkdir()
    picture(root / split / "COCO_val2014_000000000042.jpg")
    content = {
        "images": [{"id": 42, "file_name": "COCO_val2014_000000000042.jpg"}],
        "categories": [{"id": 18, "name": "dog"}, {"id": 1, "name": "person"}],
        "annotations": [
            {"image_id": 42, "category_id": 18, "area": 50.0},
            {"image_id": 42, "category_id": 1, "area": 5.0},
        ],
    }
    (root / f"annotations/instances_{split}.json").write_text(json.dumps(content))


def test_coco(tmp_path):
    coco(tmp_path)
    assert found("coco2014", tmp_path) == {"COCO_val2014_000000000042": "dog"}
    assert [file.endswith(".json") for file in files_of_dataset("coco2014", tmp_path)] == [True]


def test_masks_of_voc_are_those_of_the_main_class(tmp_path, capsys):
    root = tmp_path / "VOC2007"
    boxes(root / "Annotations/000001.xml", ("dog", 10))
    picture(root / "JPEGImages/000001.jpg")
    (root / "ImageSets/Main").mkdir(parents=True)
    (root / "ImageSets/Main/trainval.txt").write_text("000001\n000002\n")
    boxes(root / "Annotations/000002.xml", ("dog", 10))
    picture(root / "JPEGImages/000002.jpg")
    indices = np.zeros((4, 6), np.uint8)
    indices[0, 0], indices[1, 1], indices[2, 2] = 12, 255, 7
    palette = Image.fromarray(indices, mode="P")
    palette.putpalette([value for index in range(256) for value in (index, 0, 255 - index)])
    (root / "SegmentationClass").mkdir()
    palette.save(root / "SegmentationClass/000001.png")
    (root / "SegmentationClass/000002.png").write_bytes(b"no picture")
    assert masks.main(["voc2007", str(tmp_path), str(tmp_path / "out")]) == 0
    said = capsys.readouterr()
    assert "1 masks are in" in said.out and "000002.png: left out (not an image" in said.err
    made = np.array(Image.open(tmp_path / "out/000001.png"))
    assert made[0, 0] == 255 and made.sum() == 255


def test_masks_of_coco_are_drawn_from_polygons(tmp_path):
    coco(tmp_path)
    file = tmp_path / "annotations/instances_val2014.json"
    content = json.loads(file.read_text())
    content["images"][0] |= {"width": 10, "height": 8}
    content["annotations"][0]["segmentation"] = [[2, 2, 6, 2, 6, 5, 2, 5]]
    content["annotations"][1]["segmentation"] = [[0, 0, 9, 0, 9, 7, 0, 7]]
    file.write_text(json.dumps(content))
    assert masks.main(["coco2014", str(tmp_path), str(tmp_path / "out")]) == 0
    made = np.array(Image.open(tmp_path / "out/COCO_val2014_000000000042.png"))
    assert made.shape == (8, 10) and (made[2:6, 2:7] == 255).all() and made[0, 0] == 0


def test_a_dataset_that_is_not_there_is_said_in_a_line(tmp_path, capsys):
    assert masks.main(["coco2014", str(tmp_path / "away"), str(tmp_path / "out")]) == 1
    assert capsys.readouterr().err.startswith("zollstock: ")


def test_celeba_by_attribute_and_split(tmp_path):
    (tmp_path / "list_attr_celeba.txt").write_text(
        "2\nGray_Hair Young\n000001.jpg -1  1\n000002.jpg  1 -1\n"
    )
    (tmp_path / "list_eval_partition.txt").write_text("000001.jpg 0\n000002.jpg 2\n")
    for number in (1, 2):
        picture(tmp_path / f"img_align_celeba/{number:06d}.jpg")
    assert found("celeba", tmp_path, attribute="Young") == {
        "000001": "Young",
        "000002": "not_Young",
    }
    assert found("celeba", tmp_path, attribute="Young", split="test") == {"000002": "not_Young"}
    with pytest.raises(ZollstockError, match=r"images\.attribute: is 'young'.*Young"):
        found("celeba", tmp_path, attribute="young")
    with pytest.raises(ZollstockError, match=r"images\.split: is 'tests'"):
        found("celeba", tmp_path, attribute="Young", split="tests")


def selected(layout, root, tmp_path, **how):
    """The pixels of the images that are chosen, by label."""
    chosen = select_files(
        list_dataset(layout, Asked(root, **how)), n_per_class=None, seed=1, folder=tmp_path / "out"
    )
    return {image.label: image.pixels() for image in chosen.images}


def test_stl10_stands_upright(tmp_path):
    frame = RNG.integers(0, 256, (96, 96, 3), dtype=np.uint8)
    root = tmp_path / "stl10_binary"
    root.mkdir()
    frame.transpose(2, 1, 0).tofile(root / "test_X.bin")
    np.array([4], np.uint8).tofile(root / "test_y.bin")
    np.testing.assert_array_equal(selected("stl10", tmp_path, tmp_path)["cat"], frame)


def test_svhn_counts_ten_as_zero(tmp_path):
    frames = RNG.integers(0, 256, (32, 32, 3, 2), dtype=np.uint8)
    savemat(tmp_path / "test_32x32.mat", {"X": frames, "y": np.array([[10], [7]])})
    made = selected("svhn", tmp_path, tmp_path)
    np.testing.assert_array_equal(made["0"], frames[..., 0])
    np.testing.assert_array_equal(made["7"], frames[..., 1])


@pytest.mark.parametrize("packed", [False, True])
def test_mnist_from_idx(tmp_path, packed):
    frames = RNG.integers(0, 256, (2, 28, 28), dtype=np.uint8)
    images = struct.pack(">HBBIII", 0, 8, 3, 2, 28, 28) + frames.tobytes()
    labels = struct.pack(">HBBI", 0, 8, 1, 2) + bytes([3, 9])
    for name, content in (("images-idx3", images), ("labels-idx1", labels)):
        if packed:
            (tmp_path / f"t10k-{name}-ubyte.gz").write_bytes(gzip.compress(content))
        else:
            (tmp_path / f"t10k-{name}-ubyte").write_bytes(content)
    made = selected("mnist", tmp_path, tmp_path)
    np.testing.assert_array_equal(made["9"], np.repeat(frames[1][..., None], 3, 2))


def test_a_cut_off_idx_file_is_named(tmp_path):
    file = tmp_path / "train-images-idx3-ubyte"
    file.write_bytes(struct.pack(">HBBIII", 0, 8, 3, 2, 28, 28) + bytes(28 * 28))
    with pytest.raises(ZollstockError, match="cut off"):
        arrays.read_idx(file)
    file.write_bytes(b"\0")
    with pytest.raises(ZollstockError, match="cannot be read"):
        arrays.read_idx(file)


def cifar_rows():
    return RNG.integers(0, 256, (3, 3072), dtype=np.uint8), [3, 5, 0]


def test_cifar10_binary(tmp_path):
    data, labels = cifar_rows()
    rows = np.concatenate([np.array(labels, np.uint8)[:, None], data], axis=1)
    rows.tofile(tmp_path / "test_batch.bin")
    made = selected("cifar10", tmp_path, tmp_path)
    np.testing.assert_array_equal(made["dog"], data[1].reshape(3, 32, 32).transpose(1, 2, 0))


@pytest.mark.parametrize("protocol", [2, 3, 4])
def test_cifar10_for_python_is_read_without_being_run(tmp_path, protocol, monkeypatch):
    data, labels = cifar_rows()
    root = tmp_path / "cifar-10-batches-py"
    root.mkdir()
    content = {b"data": data, b"labels": labels, b"batch_label": b"testing batch 1 of 1"}
    (root / "test_batch").write_bytes(pickle.dumps(content, protocol=protocol))
    monkeypatch.setattr(pickle, "loads", lambda *_: pytest.fail("was unpickled"))
    made = selected("cifar10", tmp_path, tmp_path)
    np.testing.assert_array_equal(made["cat"], data[0].reshape(3, 32, 32).transpose(1, 2, 0))


class Trap:
    def __reduce__(self):
        return (open, ("/tmp/sprung", "w"))


@pytest.mark.parametrize("content", [Trap(), {b"data": Trap(), b"labels": [1]}, [1], {}])
def test_a_pickle_of_something_else_is_refused_and_never_run(tmp_path, content, monkeypatch):
    (tmp_path / "test_batch").write_bytes(pickle.dumps(content))
    monkeypatch.setattr("builtins.open", lambda *_, **__: pytest.fail("was run"))
    with pytest.raises(ZollstockError, match="is no batch of CIFAR10"):
        found("cifar10", tmp_path)


def test_pairs_leave_out_pictures_without_a_mask(tmp_path, capsys):
    picture(tmp_path / "images/a cup.jpg")
    picture(tmp_path / "images/b.jpg")
    picture(tmp_path / "masks/a cup.png")
    assert found("pairs", tmp_path) == {"a-cup": "unlabelled"}
    assert "1 pictures are left out: they have no mask" in capsys.readouterr().err


def test_the_digits_of_scikit_learn_need_no_folder_and_are_split():
    parts = {split: arrays.arrays_of("digits", Asked(Path(), split)) for split in SPLITS}
    assert sum(len(part.pictures) for part in parts.values()) == 1797
    assert 0.15 < len(parts["test"].pictures) / 1797 < 0.25
    train, test = ({picture.tobytes() for picture in parts[split].pictures} for split in SPLITS)
    assert not train & test
    chosen = list_dataset("digits", Asked(Path()))
    pixels = chosen[0].pixels()
    assert (pixels.shape, pixels.dtype) == ((8, 8, 3), np.uint8)
    assert pixels.max() > 200
    assert {each.label for each in chosen} == set("0123456789")


@pytest.mark.parametrize("layout", [name for name in LAYOUTS if not LAYOUTS[name].packaged])
def test_an_empty_folder_says_what_is_missing(layout, tmp_path):
    with pytest.raises(ZollstockError, match=r"holds no .*docs/images\.md"):
        found(layout, tmp_path, attribute="Young")
    with pytest.raises(ZollstockError, match="is not a folder"):
        found(layout, tmp_path / "away")


def test_the_main_class_covers_twice_the_area():
    assert main_class({"a": 2.0, "b": 1.0}) == "a"
    assert main_class({"a": 1.9, "b": 1.0}) is None
    assert main_class({}) is None


def test_files_with_labels_are_watched_behind_links(tmp_path):
    main = tmp_path / "disk/VOC2007/ImageSets/Main"
    main.mkdir(parents=True)
    (main / "cat_val.txt").touch()
    (main / "cat_val.png").touch()
    (tmp_path / "data").mkdir()
    (tmp_path / "data/VOCdevkit").symlink_to("../disk")
    place = tmp_path / "data/VOCdevkit/VOC2007/ImageSets/Main/cat_val.txt"
    assert files_of_dataset("voc2007", tmp_path / "data") == [str(place)]
    assert files_of_dataset("voc2007", tmp_path / "disk") == [str(main / "cat_val.txt")]
