"""Results are made from one config file, and no other one overwrites them."""

import shutil

import pytest
import yaml

from zollstock.errors import ZollstockError
from zollstock.plan.origin import NOTE, claim
from zollstock.settings import parse_study

STUDY = {
    "study": "small",
    "images": {"source": "folder", "path": "images"},
    "properties": {"fur": {"engine": "frames", "path": "series/{image}"}},
    "models": {"mine": {"weights": "mine.pth"}},
}


@pytest.fixture
def place(tmp_path, monkeypatch):
    folder = tmp_path / "place"
    folder.mkdir()
    monkeypatch.chdir(folder)
    write(folder / "one.yaml")
    run(folder, "one.yaml")
    return folder


def write(file, **changes):
    file.write_text(yaml.safe_dump(STUDY | changes))


def run(place, *files, **changes):
    """Claim the results as a run does, with what the command line changes."""
    told = {}
    for file in files:
        told |= yaml.safe_load((place / file).read_text())
    claim(
        parse_study(told | changes, "one.yaml"), place / "results/small", [place / f for f in files]
    )


def refused(place, *files, **changes):
    before = (place / "results/small" / NOTE).read_text()
    with pytest.raises(ZollstockError) as error:
        run(place, *files, **changes)
    assert (place / "results/small" / NOTE).read_text() == before
    assert "is another study 'small' than" in str(error.value)
    return str(error.value)


def test_another_file_of_the_same_name_is_refused(place):
    write(place / "two.yaml", seed=5)
    said = refused(place, "two.yaml")
    assert "two.yaml: is another" in said
    assert "one.yaml, from which the results in" in said
    assert "Change study: in one of them, or delete" in said
    run(place, "one.yaml")
    (place / "results/small" / NOTE).unlink()
    run(place, "two.yaml")
    refused(place, "one.yaml")


def test_what_the_command_line_changes_is_no_other_study(place):
    run(place, "one.yaml", seed=7)
    run(place, "one.yaml")
    write(place / "more.yaml", seed=9)
    run(place, "one.yaml", "more.yaml")
    run(place, "one.yaml")


def test_other_settings_on_one_base_are_another_study(place):
    for name, seed in (("a", 1), ("b", 2)):
        (place / f"{name}.yaml").write_text(f"seed: {seed}\n")
    run(place, "one.yaml", "a.yaml")
    refused(place, "one.yaml", "b.yaml")
    # The same two in another order.
    refused(place, "a.yaml", "one.yaml", seed=3)


def test_a_file_that_is_edited_or_linked_stays_the_same(place):
    write(place / "one.yaml", seed=5)
    run(place, "one.yaml")
    (place / "link.yaml").symlink_to("one.yaml")
    write(place / "one.yaml", seed=6)
    run(place, "link.yaml")


def test_a_file_that_is_renamed_takes_its_results_along(place):
    (place / "one.yaml").rename(place / "two.yaml")
    write(place / "two.yaml", seed=5)
    run(place, "two.yaml")
    write(place / "one.yaml", seed=6)
    refused(place, "one.yaml")


def test_a_file_that_has_become_another_study_gives_them_up(place):
    write(place / "two.yaml", seed=5)
    write(place / "one.yaml", study="other")
    run(place, "two.yaml")


def test_an_equal_copy_is_no_other_study_until_it_changes(place):
    shutil.copy(place / "one.yaml", place / "copy.yaml")
    run(place, "copy.yaml")
    run(place, "one.yaml", seed=5)
    refused(place, "copy.yaml")


@pytest.mark.parametrize("how", ["moved", "copied"])
def test_a_folder_may_be_moved(place, monkeypatch, how):
    there = place.parent / "elsewhere" / "deeper"
    there.parent.mkdir()
    (shutil.move if how == "moved" else shutil.copytree)(place, there)
    monkeypatch.chdir(there)
    write(there / "one.yaml", seed=5)
    run(there, "one.yaml")


def test_results_may_be_moved_away_from_their_config(place, monkeypatch):
    there = place.parent / "elsewhere" / "deeper"
    there.mkdir(parents=True)
    shutil.move(place / "results", there / "results")
    monkeypatch.chdir(there)
    told = yaml.safe_load((place / "one.yaml").read_text())
    claim(parse_study(told | {"seed": 5}, "x"), there / "results/small", [place / "one.yaml"])


@pytest.mark.parametrize("text", ["", "[]", "{"])
def test_a_harmed_note_is_written_anew(place, text):
    (place / "results/small" / NOTE).write_text(text)
    run(place, "one.yaml")
    write(place / "two.yaml", seed=5)
    refused(place, "two.yaml")
