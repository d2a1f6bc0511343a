"""What tests of jobs share."""

import types

import pytest


@pytest.fixture
def snakemake(tmp_path):
    return types.SimpleNamespace(
        threads=1,
        wildcards=types.SimpleNamespace(model="mine"),
        log=[str(tmp_path / "log")],
        output=[str(tmp_path / "out")],
    )
