"""What is fetched is pinned to a commit, and the note says which."""

import types

import pytest

from zollstock.engines.diffusion import fetching
from zollstock.engines.diffusion.fetching import commit_of, fetch
from zollstock.errors import ZollstockError
from zollstock.files import read_json
from zollstock.jobs.fetch_checkpoint import fetch_checkpoint

COMMIT = "31519b5cb02a7fd89b906d88731cd4d6a7bbf88d"


@pytest.fixture
def hub(monkeypatch):
    """A hub whose main branch is at COMMIT; it notes what was downloaded."""
    asked = []

    def download(checkpoint, revision, local_dir, **_):
        asked.append((checkpoint, revision))
        local_dir.mkdir(parents=True)
        (local_dir / "model_index.json").write_text("{}")

    class Api:
        def model_info(self, checkpoint, revision):
            assert revision == "main"
            return types.SimpleNamespace(sha=COMMIT)

    monkeypatch.setattr(fetching, "snapshot_download", download)
    monkeypatch.setattr(fetching, "HfApi", Api)
    return asked


@pytest.fixture
def unreachable(monkeypatch):
    def call(*args, **kwargs):
        raise OSError("Network is unreachable")

    monkeypatch.setattr(fetching, "snapshot_download", call)
    monkeypatch.setattr(fetching.HfApi, "model_info", call)


def test_a_branch_is_resolved_and_its_commit_fetched_and_noted(hub, tmp_path):
    note = tmp_path / "at" / "fetched.json"
    fetch_checkpoint(checkpoint="owner/name", revision="main", note=note)
    assert hub == [("owner/name", COMMIT)]
    found = read_json(note)
    assert (found["revision"], found["commit"]) == ("main", COMMIT)
    assert len(found["sha256"]) == 64


@pytest.mark.parametrize("safe", [True, False])
def test_of_a_model_weights_beside_its_config_are_fetched(monkeypatch, tmp_path, safe):
    asked = []

    def download(checkpoint, revision, local_dir, allow_patterns, **_):
        asked.append(allow_patterns)
        local_dir.mkdir(parents=True, exist_ok=True)
        if safe:
            (local_dir / "model.safetensors").write_bytes(b"")

    monkeypatch.setattr(fetching, "snapshot_download", download)
    note = tmp_path / "at" / "fetched.json"
    fetch_checkpoint(checkpoint="owner/name", revision=COMMIT, note=note, kind="model")
    assert "*.safetensors" in asked[0]
    assert asked[1:] == ([] if safe else [["pytorch_model*.bin"]])
    assert read_json(note)["commit"] == COMMIT


def test_a_model_copied_by_hand_is_known_by_its_config(unreachable, tmp_path):
    (tmp_path / "config.json").write_text("{}")
    note = tmp_path / "fetched.json"
    fetch_checkpoint(checkpoint="owner/name", revision="main", note=note, kind="model")
    assert note.is_file()
    with pytest.raises(ZollstockError):
        fetch_checkpoint(checkpoint="owner/name", revision="main", note=note)


def test_a_commit_is_not_looked_up(unreachable, tmp_path):
    assert commit_of("owner/name", COMMIT, tmp_path, ask=True) == COMMIT


def test_a_copy_made_by_hand_is_taken_without_the_network(unreachable, tmp_path):
    (tmp_path / "model_index.json").write_text("{}")
    note = tmp_path / "fetched.json"
    fetch_checkpoint(checkpoint="owner/name", revision="main", note=note)
    assert read_json(note)["commit"] is None


def test_without_a_network_the_message_says_what_to_do(unreachable, tmp_path):
    told = r"Network is unreachable.*copy https://huggingface.co/owner/name into .*at"
    with pytest.raises(ZollstockError, match=told):
        fetch("owner/name", COMMIT, tmp_path / "at")
    with pytest.raises(ZollstockError, match=told):
        commit_of("owner/name", "main", tmp_path / "at", ask=True)
