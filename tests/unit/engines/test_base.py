"""Several paths at once, from engines that can and from those that cannot."""

from zollstock.engines.base import FailedPath, make_paths


class OneByOne:
    def path(self, image, seed, step_done):
        step_done(1)
        if image == "bad":
            raise FailedPath("no such picture")
        return image, seed


class Together(OneByOne):
    def paths(self, images, seeds, step_done):
        step_done(len(images))
        yield from zip(images, seeds, strict=True)


def test_an_engine_that_makes_one_path_is_asked_for_each_in_order():
    done = []
    made = list(make_paths(OneByOne(), ["a", "bad", "a"], [1, 2, 3], done.append))
    assert made[::2] == [("a", 1), ("a", 3)]
    assert isinstance(made[1], FailedPath)
    assert str(made[1]) == "no such picture"
    assert done == [1, 1, 1]


def test_an_engine_that_makes_several_is_asked_once():
    done = []
    assert list(make_paths(Together(), ["a", "b"], [1, 2], done.append)) == [("a", 1), ("b", 2)]
    assert done == [2]


def test_an_engine_is_not_asked_for_nothing():
    class Never(OneByOne):
        def paths(self, images, seeds, step_done):
            raise AssertionError("asked for no path")
            yield

    assert not list(make_paths(Never(), [], [], lambda finished: None))
