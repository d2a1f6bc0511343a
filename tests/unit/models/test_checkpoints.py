"""The checkpoints of a training: their order, their epochs, and which are kept."""

import pytest

from zollstock.models.checkpoints import every, files_like, kept_epochs, of_files, of_training


@pytest.mark.parametrize(
    ("text", "step"),
    [("every epoch", 1), ("every 5 epochs", 5), (" every epoch ", 1), ("every 0 epochs", 0),
     ("runs/*.pth", None), ("every", None), ("every epochs", None)],
)  # fmt: skip
def test_what_a_training_keeps_is_said_in_words(text, step):
    assert every(text) == step


def test_the_last_epoch_is_kept_whatever_the_step():
    assert kept_epochs(7, 3) == [3, 6, 7] and kept_epochs(6, 3) == [3, 6]
    assert kept_epochs(2, 9) == [2] and kept_epochs(0, 1) == []
    found = of_training("models/m", 3, 2)
    assert [(one.name, one.epoch, one.file) for one in found] == [
        ("epoch-0002", 2, "models/m/epoch-0002.safetensors"),
        ("epoch-0003", 3, "models/m/epoch-0003.safetensors"),
    ]


def test_files_come_in_natural_order(tmp_path):
    for name in ("a/epoch_10.pth", "a/epoch_9.pth", "a/epoch_1.pth", "a/notes.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    (tmp_path / "a/epoch_2.pth").mkdir()  # no file
    found = of_files(files_like(f"{tmp_path}/*/epoch_*.pth"))
    assert [(one.name, one.epoch) for one in found] == [
        ("epoch_1.pth", 1), ("epoch_9.pth", 9), ("epoch_10.pth", 10),
    ]  # fmt: skip


def test_epochs_are_places_where_names_do_not_rise():
    runs = of_files(["r/1/epoch_1.pth", "r/1/epoch_2.pth", "r/2/epoch_1.pth"])
    assert [one.epoch for one in runs] == [1, 2, 3]
    assert [one.name for one in runs] == ["1/epoch_1.pth", "1/epoch_2.pth", "2/epoch_1.pth"]
    assert [one.epoch for one in of_files(["a.pth", "b7.pth"])] == [1, 2]
    assert of_files([]) == []
