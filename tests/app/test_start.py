"""The command line, and what is set before gradio is imported."""

import os
from pathlib import Path

import pytest

from zollstock.app.launch import keep_to_itself
from zollstock.app.start import PORT, Start, parse
from zollstock.errors import ZollstockError


def test_the_flags_are_those_of_the_demo(tmp_path):
    example = tmp_path / "dog.png"
    example.write_bytes(b"")
    line = f"--example {example} --cfg-img 1.5 --num-steps 4 --max-cfg-scale 8 --seed 3 --imnet"
    found = parse([*line.split(), "--instruction", "make it red", "results/a", "results/b"])
    assert found.example == example
    assert [str(place) for place in found.studies] == ["results/a", "results/b"]
    assert (found.image_guidance, found.denoising_steps, found.largest_scale) == (1.5, 4, 8)
    assert (found.seed, found.imagenet, found.instruction) == (3, True, "make it red")


def test_without_flags_it_starts_as_the_demo_does():
    assert parse([]) == Start()
    assert Start().port == PORT
    assert (Start().image_guidance, Start().denoising_steps, Start().largest_scale) == (2.5, 10, 10)


@pytest.mark.parametrize(
    ("flag", "value"),
    [("--cfg-img", "0.5"), ("--num-steps", "0"), ("--seed", "-1"), ("--example", "absent.png")],
)
def test_what_cannot_be_is_told(flag, value):
    with pytest.raises(ZollstockError, match=flag):
        parse([flag, value])


def test_what_libraries_read_is_set_and_files_are_the_users_own(monkeypatch):
    for name in list(os.environ):
        if name.startswith(("GRADIO_", "HF_HUB_")):
            monkeypatch.delenv(name)
    monkeypatch.setattr(os, "environ", dict(os.environ))
    keep_to_itself()
    assert os.environ["GRADIO_ANALYTICS_ENABLED"] == "False"
    assert os.environ["HF_HUB_OFFLINE"] == "1"
    assert Path(os.environ["GRADIO_TEMP_DIR"]).stat().st_mode & 0o777 == 0o700
