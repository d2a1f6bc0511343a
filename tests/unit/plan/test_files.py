"""The user's files as Snakemake's inputs, and what their names, times and headers say."""

import json
import shutil
import sys
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file

from zollstock.errors import ZollstockError
from zollstock.plan.files import (
    check_folders,
    files_in_table,
    files_matching,
    files_of_command,
    files_of_series,
    listed,
    parameters_in,
    state,
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


def test_an_image_may_be_called_by_a_number_that_begins_with_a_dot():
    touch("s/.5/1.png", "s/1/1.png", "s/.DS_Store", "s/.old/1.png", "m/.5.png", "m/x-.5.png")
    assert files_matching("./s/{image}") == ["s/.5", "s/1"]
    assert files_matching("s/{image}/") == ["s/.5/", "s/1/"]
    assert files_matching("m/{image}.png") == ["m/.5.png", "m/x-.5.png"]
    assert files_matching("m/x-{image}.png") == ["m/x-.5.png"]
    assert files_matching(str(Path.cwd() / "s/{image}/1.png")) == [
        str(Path.cwd() / f"s/{name}/1.png") for name in (".5", "1")
    ]


def test_series_are_folders_or_tables():
    touch("s/a/1.png", "s/a/2.png", "s/a/deeper/3.png", "s/b/1.png", "s/b/.hidden", "t/x.png")
    assert files_of_series("s/{image}") == ("s/a/1.png", "s/a/2.png", "s/b/1.png")
    Path("s/c.csv").write_text("path,axis\n../t/x.png,0\n../t/missing.png,1\n")
    assert files_of_series("s/{image}.csv") == ("s/../t/x.png", "s/c.csv")
    assert files_of_series("none/{image}") == ()


def test_series_and_frames_behind_links_are_watched():
    touch("disk/a/1.png", "disk/2.png")
    Path("s").mkdir()
    Path("s/a").symlink_to("../disk/a")
    Path("disk/a/2.png").symlink_to("../2.png")
    assert files_of_series("s/{image}") == ("s/a/1.png", "s/a/2.png")


@pytest.mark.parametrize("folder", ["a{1}", "*[x]?", "{draw}", "e\u0301"])
def test_a_users_folder_is_no_pattern(folder):
    touch(f"{folder}/cup/1.png", "a1/cup/1.png", "other/cup/1.png")
    assert files_of_series(f"{folder}/{{image}}") == (f"{folder}/cup/1.png",)


def test_a_folder_is_found_however_its_letters_are_composed():
    touch("e\u0301/cup/1.png")
    assert files_matching("\u00e9/{image}/*.png") == []
    assert files_matching("\u00e9/{image}") == ["e\u0301/cup"]


@pytest.mark.parametrize(
    "text",
    [
        "path;axis\r\nx.png;0,5\r\n",
        "sep=;\nname;path\na;x.png\n",
        "\ufeff\n path |axis\nx.png|1\n",
        'axis\tpath\n1\t"x.png"\n',
    ],
)
def test_files_of_a_table_are_watched_whatever_separates_its_cells(text):
    touch("x.png", "y.png")
    Path("t.csv").write_text(text)
    assert files_in_table(Path("t.csv")) == ["t.csv", "x.png"]


def test_folders_that_snakemake_itself_must_name_have_no_braces():
    check_folders({"here": "a $*[x]'", "there": Path("b")})
    with pytest.raises(ZollstockError, match=r"^there: is 'b\{1\}'; expected a path without"):
        check_folders({"here": "a", "there": Path("b{1}")})


@pytest.mark.parametrize("name", ["cat{1}.png", "{x}", "a\nb.png", "b\udcff.png", "end "])
def test_names_that_no_input_can_have_are_watched_by_their_state(name):
    touch("plain $*[x] #'.png", name)
    files = ["plain $*[x] #'.png", name]
    assert listed(files) == files[:1]
    before = state(files)
    assert before
    assert state(files[:1]) == ""
    Path(name).write_text("changed")
    assert state(files) not in {"", before}
    Path(name).unlink()
    assert state(files) == ""


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
    assert files_of_command("python edit.py --use=tools/weights.bin -x=edit.py a=here.py") == [
        "edit.py",
        "tools/weights.bin",
    ]
    assert files_of_command(["python", "-x=\0", "--y=", "--z==edit.py"]) == []
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
