"""Memory by the weights that a job loads."""

from zollstock.plan.memory import BASE, IMPORT, RUN, memory_of_models, weights_of


def test_the_largest_file_that_is_there_counts(tmp_path):
    small, large = tmp_path / "small.pth", tmp_path / "large.safetensors"
    small.write_bytes(bytes(1_000_000))
    large.write_bytes(bytes(3_000_000))
    assert weights_of(small, large, tmp_path / "missing", None) == 3.0
    assert weights_of(small, None) == 1.0
    assert weights_of(None, tmp_path) == 0.0


def test_memory_grows_with_all_weights_and_with_the_attempt():
    assert memory_of_models([], RUN) == BASE
    assert memory_of_models([100, 300], RUN) == BASE + 2.5 * 400
    assert memory_of_models([100], IMPORT, attempt=3) == 3 * (BASE + 400)
