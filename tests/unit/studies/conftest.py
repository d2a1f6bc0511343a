"""One finished study for all tests; those that harm it take a copy."""

import shutil

import pytest

from tests.unit.studies.finished import make_study
from zollstock import Study


@pytest.fixture(scope="session")
def results(tmp_path_factory):
    """The folder of a finished study; nothing may change it."""
    return make_study(tmp_path_factory.mktemp("finished"))


@pytest.fixture(scope="session")
def study(results):
    return Study.load(results)


@pytest.fixture
def copied(results, tmp_path):
    """A copy of its folder, to be harmed."""
    return shutil.copytree(results, tmp_path / "results" / "mine")
