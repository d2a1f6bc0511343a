"""Which pictures are for tests."""

from zollstock.images.splits import in_test, labelled_files


def test_the_share_is_kept_and_the_split_hangs_on_the_name_alone():
    names = [f"cat/{place}.png" for place in range(2000)]
    found = [in_test(name) for name in names]
    assert 0.17 < sum(found) / 2000 < 0.23
    assert found == [in_test(name) for name in names]
    assert 0.46 < sum(in_test(name, 0.5) for name in names) / 2000 < 0.54
    # More for tests leaves those that were there.
    assert all(in_test(name, 0.5) for name in names if in_test(name))


def test_subfolders_are_labels_to_any_depth_and_files_beside_them_have_none(tmp_path):
    for name in ("cat/a.png", "cat/deep/b.png", "dog/a.png", "loose.png", ".hidden/c.png"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    assert [(label, name) for label, name, _ in labelled_files(tmp_path)] == [
        ("cat", "cat/a.png"), ("cat", "cat/deep/b.png"), ("dog", "dog/a.png"),
    ]  # fmt: skip
