"""Small JSON files, and checksums."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from zollstock.files import models_in, read_json, sha256_of, write_json

CONTENT = {"b": [1, 2.5, None], "a": "Katze 猫"}


def test_json_comes_back_equal_and_folders_are_made(tmp_path):
    file = tmp_path / "new" / "folder" / "x.json"
    write_json(CONTENT, file)
    assert read_json(file) == CONTENT


def test_equal_content_is_an_equal_file(tmp_path):
    write_json(CONTENT, tmp_path / "one.json")
    write_json(dict(reversed(CONTENT.items())), tmp_path / "two.json")
    assert (tmp_path / "one.json").read_bytes() == (tmp_path / "two.json").read_bytes()


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX locales")
def test_names_outside_ascii_survive_a_plain_c_locale(tmp_path):
    write = (
        "import sys; from pathlib import Path; from zollstock.files import read_json, write_json\n"
        "write_json({'a': 'Katze \\u732b'}, Path(sys.argv[1]))\n"
        "assert read_json(Path(sys.argv[1]))['a'].endswith('\\u732b')\n"
    )
    plain = {"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"}
    subprocess.run(
        [sys.executable, "-c", write, str(tmp_path / "x.json")],
        env=os.environ | plain | {"PYTHONPATH": os.pathsep.join(sys.path)},
        check=True,
    )
    assert read_json(tmp_path / "x.json") == {"a": "Katze 猫"}


def test_checksum_is_sha256(tmp_path):
    """NIST's example for the message `abc`, and the empty file."""
    expected = {
        "abc": "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
        "": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    }
    for content, checksum in expected.items():
        file = tmp_path / "content"
        file.write_text(content)
        assert sha256_of(file) == checksum


def test_models_are_pairs_of_weights_and_card():
    files = ["a.safetensors", "a.json", Path("b.safetensors"), Path("b.json")]
    assert models_in(files) == [
        (Path("a.safetensors"), Path("a.json")),
        (Path("b.safetensors"), Path("b.json")),
    ]
    assert models_in([]) == []
    with pytest.raises(ValueError):
        models_in(files[:3])
