"""The user's files as Snakemake's inputs, and what their names, times and headers say."""

import json
import shutil
import sys
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file

from zollstock.plan.files import (
    files_below,
    files_of_command,
    files_of_series,
    parameters_in,
)


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    files_of_series.cache_clear()
    parameters_in.cache_clear()
    return tmp_path


def touch(*names):
    for name in names:
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).touch()


def test_hidden_files_and_linked_folders_are_left_out():
    touch("photos/cat/1.png", "photos/cat/.old/2.png", "photos/.DS_Store", "photos/b/c/3.png")
    Path("photos/again").symlink_to("cat")
    Path("photos/one.png").symlink_to("cat/1.png")
    expected = ["photos/b/c/3.png", "photos/cat/1.png", "photos/one.png"]
    assert files_below(Path("photos")) == expected
    assert files_below(Path("none")) == []


def test_series_are_folders_or_tables():
    touch("s/a/1.png", "s/a/2.png", "s/a/deeper/3.png", "s/b/1.png", "s/b/.hidden", "t/x.png")
    assert files_of_series("s/{image}") == ("s/a/1.png", "s/a/2.png", "s/b/1.png")
    Path("s/c.csv").write_text("path,axis\n../t/x.png,0\n../t/missing.png,1\n")
    assert files_of_series("s/{image}.csv") == ("s/../t/x.png", "s/c.csv")
    assert files_of_series("none/{image}") == ()


def test_files_of_a_command_lie_below_this_folder(tmp_path_factory):
    touch("edit.py", "tools/weights.bin", "here.py")
    outside = tmp_path_factory.mktemp("outside") / "other.py"
    outside.touch()
    Path("linked").symlink_to(sys.executable)
    command = ["linked", "edit.py", str(outside), str(Path("here.py").absolute()), "{image}", "x"]
    assert files_of_command(command) == sorted(["edit.py", str(Path("here.py").absolute())])
    assert files_of_command("python 'edit.py' --use tools/weights.bin") == [
        "edit.py",
        "tools/weights.bin",
    ]
    assert files_of_command("python 'edit.py") == []
    assert files_of_command(["python", "-c", "x" * 10_000]) == []


def test_numbers_of_a_checkpoint_are_read_from_its_headers():
    parts = {"unet": (3, 5), "vae": (7,), "text_encoder": (2, 2)}
    for part, shape in parts.items():
        Path("editor", part).mkdir(parents=True)
        save_file(
            {"weight": np.zeros(shape, np.float16), "scale": np.zeros((), np.float32)},
            Path("editor", part, "model.safetensors"),
            metadata={"format": "pt"},
        )
    touch("editor/unet/broken.safetensors", "editor/unet/config.json")
    for twin in ("unet/model.fp16.safetensors", "unet/model.non_ema.safetensors", "a.safetensors"):
        shutil.copy("editor/unet/model.safetensors", Path("editor", twin))
    assert parameters_in(Path("editor")) == 15 + 7 + 4 + 3
    assert parameters_in(Path("none")) == 0


def test_only_the_header_is_read():
    header = json.dumps({"w": {"dtype": "BF16", "shape": [10**9, 12], "data_offsets": [0, 0]}})
    Path("large/transformer").mkdir(parents=True)
    content = len(header).to_bytes(8, "little") + header.encode()
    Path("large/transformer/model-1.safetensors").write_bytes(content)
    assert parameters_in(Path("large")) == 12 * 10**9
