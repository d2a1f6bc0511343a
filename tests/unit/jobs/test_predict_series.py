"""All checkpoints of a training on frames that are read once; what is known is kept."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch

from tests.unit.jobs.test_infer import SETTINGS, Study
from zollstock.errors import ZollstockError
from zollstock.files import read_json, sha256_of
from zollstock.inference.predictions import read_predictions
from zollstock.inference.run import Runner
from zollstock.inference.series import of_checkpoint
from zollstock.jobs import predict_series as module
from zollstock.models.card import check_checkpoints
from zollstock.models.checkpoints import of_files
from zollstock.models.convmixer import convmixer


class Series(Study):
    """The checkpoints of a user's training, beside the study's model."""

    def save(self, count, **changed):
        (self.folder / "runs").mkdir(exist_ok=True)
        files = []
        for epoch in range(1, count + 1):
            torch.manual_seed(epoch)
            files.append(self.folder / f"runs/epoch_{epoch}.pth")
            network = convmixer(**SETTINGS["arguments"] | changed)
            torch.save({"state_dict": network.state_dict(), "epoch": epoch}, files[-1])
        self.checkpoints = of_files([str(file) for file in files])

    def root(self, name):
        return self.folder / f"dynamics/{name}/m.zarr"

    def predict(self, **options):
        stores = [self.folder / f"interventions/{name}.json" for name in self.properties]
        note = self.folder / "dynamics/m.json"
        how = {"device": "cpu", "batch_size": 4, "precision": "float32", "shared": False}
        module.predict_series(
            model="m",
            checkpoints=self.checkpoints,
            key=None,
            manifests=stores,
            predictions=[self.root(name) for name in self.properties],
            images=self.folder / "images.csv",
            pixels=self.folder / "images",
            pictures=self.root("pictures"),
            weights=self.weights,
            card=self.card,
            code=self.code,
            note=note,
            threads=1,
            **how | options,
        )
        return note


@pytest.fixture
def series(tmp_path):
    made = Series(tmp_path)
    made.make("fur", ["a", "b", "c"], failed=["b"])
    made.save(2)
    return made


@pytest.fixture
def frames(monkeypatch):
    """How many paths go through checkpoints, and how often frames are read."""
    seen = {"paths": 0, "read": 0}
    predict, inputs = Runner.predict, module.inputs_of_paths

    def counted(self, given, progress=None):
        for found in predict(self, given, progress):
            seen["paths"] += bool(np.isfinite(found.axis).any())
            yield found

    def read(store, manifest, entries, *given):
        seen["read"] += sum("failed" not in entry for entry in entries)
        return inputs(store, manifest, entries, *given)

    monkeypatch.setattr(Runner, "predict", counted)
    monkeypatch.setattr(module, "inputs_of_paths", read)
    return seen


def test_each_checkpoint_says_what_it_would_say_alone_and_frames_are_read_once(series, frames):
    note = series.predict()
    # Two paths and three pictures, by two checkpoints; the two paths were read once.
    assert frames == {"paths": 2 * (2 + 3), "read": 2}
    for place in range(2):
        torch.manual_seed(place + 1)
        alone = convmixer(**SETTINGS["arguments"]).eval()
        from zollstock.models.card import save_model

        save_model(alone, SETTINGS, series.weights, series.card)
        series.run()
        for name in ("fur", "pictures"):
            own = read_predictions(series.group(name))
            found = of_checkpoint(series.root(name), place)
            assert found.images == own.images and found.draws == own.draws
            np.testing.assert_allclose(found.logits, own.logits, atol=1e-5)
            np.testing.assert_allclose(
                found.unedited_probabilities, own.unedited_probabilities, atol=1e-6
            )
    both = [of_checkpoint(series.root("fur"), place).logits[0] for place in range(2)]
    assert np.isnan(of_checkpoint(series.root("fur"), 0).logits[1]).all()
    assert not np.allclose(*both)
    assert set(read_json(note)) == {"fur", "pictures"}


def test_a_checkpoint_that_is_added_alone_is_run(series, frames):
    series.predict()
    before = [of_checkpoint(series.root("fur"), place) for place in range(2)]
    series.predict()
    assert frames["paths"] == 10
    series.save(3)
    series.predict()
    assert frames["paths"] == 10 + 5
    for place, old in enumerate(before):
        found = of_checkpoint(series.root("fur"), place)
        np.testing.assert_array_equal(found.logits, old.logits)
    # One that is taken away costs nothing, nor does another order; a path costs that path.
    series.checkpoints = series.checkpoints[::-1][:2]
    series.predict()
    assert frames["paths"] == 15
    np.testing.assert_array_equal(of_checkpoint(series.root("fur"), 1).logits, before[1].logits)
    series.make("fur", ["a", "b", "c", "d"], failed=["b"])
    series.predict()
    assert frames["paths"] == 15 + 2
    assert of_checkpoint(series.root("fur"), 0).images == ["a", "b", "c", "d"]


@pytest.mark.parametrize("harm", ["lost", "harmed", "another epoch's"])
def test_a_checkpoint_that_its_card_does_not_know_is_named(series, harm):
    files = [Path(one.file) for one in series.checkpoints]
    known = {file.name: sha256_of(file) for file in files}
    series.card.write_text(json.dumps(read_json(series.card) | {"checkpoints": known}))
    check_checkpoints(series.card, series.checkpoints)
    if harm == "lost":
        files[0].unlink()
    elif harm == "harmed":
        files[0].write_bytes(files[0].read_bytes()[:-1] + b"x")
    else:
        files[0].write_bytes(files[1].read_bytes())
    told = "is missing" if harm == "lost" else "differs from what its card speaks of"
    with pytest.raises(ZollstockError, match=f"epoch_1.pth: {told}.*--forcerun train_series"):
        series.predict()


def test_blocks_give_what_one_gives(series, monkeypatch):
    series.predict()
    whole = of_checkpoint(series.root("fur"), 1)
    monkeypatch.setattr(module, "HELD", 1)
    series.code[0].write_text("new")  # so that all is predicted again
    series.predict()
    found = of_checkpoint(series.root("fur"), 1)
    np.testing.assert_allclose(found.logits, whole.logits, atol=1e-6)
    assert found.images == whole.images


def test_a_harmed_group_is_not_read_and_made_again(series, frames):
    series.predict()
    for file in (series.root("fur") / "logits/c").rglob("*"):
        if file.is_file():
            file.write_bytes(b"harmed")
    with pytest.raises(ZollstockError, match="others than were written"):
        of_checkpoint(series.root("fur"), 0)
    series.predict()
    assert frames["paths"] == 10 + 4
    assert np.isfinite(of_checkpoint(series.root("fur"), 0).logits[0]).all()


def test_checkpoints_of_another_shape_or_with_code_are_named(series, monkeypatch):
    good = series.checkpoints
    series.save(2, dim=8)
    series.checkpoints = [good[0], series.checkpoints[1]]
    with pytest.raises(ZollstockError, match=r"epoch_[12].pth.*differ in shape"):
        series.predict()
    assert not series.root("fur").exists()
    torch.save({"a": object()}, good[1].file)
    series.save(1)
    series.checkpoints = good
    with pytest.raises(ZollstockError, match=r"epoch_2.pth.*would run code"):
        series.predict()


def test_a_checkpoint_that_has_left_the_numbers_is_named(series):
    network = convmixer(**SETTINGS["arguments"])
    for parameter in network.parameters():
        torch.nn.init.constant_(parameter, torch.nan)
    torch.save(network.state_dict(), series.checkpoints[1].file)
    with pytest.raises(ZollstockError, match=r"checkpoint epoch_2.pth: image a.*NaN"):
        series.predict()
