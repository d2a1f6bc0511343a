"""``zollstock.explain(image, models, property)``: what it returns, and how it comes about."""

import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from matplotlib.figure import Figure

from zollstock.errors import ZollstockError
from zollstock.explaining.arrays import explanation_as_dataset
from zollstock.explaining.background import in_background
from zollstock.explaining.card import draw
from zollstock.explaining.given import models_of
from zollstock.explaining.making import Made, Making
from zollstock.explaining.pictures import picture_of, world_of
from zollstock.figures.sentences import verdict_sentence
from zollstock.inference.predictions import Predictions
from zollstock.inference.run import Runner
from zollstock.paths import EditPath
from zollstock.plan.asking import Asked, asked
from zollstock.scoring.follow import Followed
from zollstock.scoring.outputs import Spelled, parse_output
from zollstock.studies.arrays import curve_as_series

if TYPE_CHECKING:
    from xarray import Dataset

    from zollstock.explaining.where import Maps


@dataclass(frozen=True)
class Step:
    """Something that has been done on the way to an explanation.

    Attributes
    ----------
    stage
        ``frames``, ``curves``, ``placebos``, ``tests``: in this order.
    done, total
        How much of the stage: frames, models, frames of placebos, tables.
    model
        Of ``curves``: whose curve is there now.
    axis, frames
        Of ``frames``: what was made since the last step, (n,) and uint8 (n, H, W, 3); empty where
        an engine makes a path in one go, which is in `Explanation.path` when the stage is done.
    """

    stage: str
    done: int
    total: int
    model: str | None = None
    axis: npt.NDArray[np.float64] | None = None
    frames: npt.NDArray[np.uint8] | None = None


class Explanation:
    """One picture, one property: frames, curves, scores, and the placebo test.

    `steps` makes it bit by bit, and what is there so far can be looked at in between; `explain`
    makes all of it.

    Parameters
    ----------
    image
        A file, uint8 (height, width, 3), a PIL image, or an image of `drawn_images` or a `Study`.
    models
        A model, a list, or name → model; see `zollstock.explaining.given.models_of`.
    property
        A word such as ``brightness`` or ``rotate``, of drawn images a latent such as
        ``fur_lightness``, or the settings of a property as a config file has them.
    label
        The true class, for the outputs that follow it.
    output
        What is followed; by default the probability of the class predicted for the picture.
    placebos
        How many, 19 or more, or 0 for no test; or the section ``placebos`` of a config file.
    seed
        Of the study.
    device, batch_size
        How models are run; see `zollstock.inference.run.Runner`.
    **sections
        Further sections of a config file: ``scoring``, ``ledger``, ``editing``, ``world``.

    Attributes
    ----------
    picture
        The picture as an image of a study.
    property, title
        The property, and what it is called.
    models
        Names.
    runners
        Name → model on its device.
    path
        ``frames`` (S, H, W, 3), ``axis`` (S,), ``unedited`` (H, W, 3), once they are made; of
        several replicates the first.
    predictions
        Model → what it says of every frame, of those that are done.
    scores, tests
        Tables as those of a study; None until all models and placebos are done.
    """

    def __init__(
        self,
        image: Any,  # noqa: ANN401
        models: Any,  # noqa: ANN401
        property: str | Mapping[str, Any],
        *,
        label: str | None = None,
        output: Spelled | None = None,
        placebos: int | Mapping[str, Any] | None = None,
        seed: int = 0,
        device: str = "auto",
        batch_size: int | str = "auto",
        **sections: Mapping[str, Any],
    ) -> None:
        self.picture = picture_of(image, label)
        found = models_of(models)
        self.asked: Asked = asked(
            property,
            models={name: model.classes for name, model in found.items()},
            world=world_of(self.picture),
            output=output,
            placebos=placebos,
            seed=seed,
            **sections,
        )
        self.runners = {
            name: Runner(model, device=device, batch_size=batch_size, shared=True)
            for name, model in found.items()
        }
        self.property, self.title = self.asked.name, self.asked.title
        self.models = list(found)
        self.path: EditPath | None = None
        self.paths: list[EditPath] = []
        self.predictions: dict[str, Predictions] = {}
        self.facts: Mapping[str, Any] = {}
        self.followed: dict[str, Followed] = {}
        self.beside: dict[str, Followed] = {}
        self.scores: pd.DataFrame | None = None
        self.tests: pd.DataFrame | None = None
        self._working, self._stop = threading.Lock(), threading.Event()

    def __repr__(self) -> str:
        if self.tests is None:
            return f"<Explanation of {self.picture.id} along {self.title}, not finished>"
        return "\n".join(self.verdicts())

    # --- making it ------------------------------------------------------------------------

    def steps(self) -> Iterator[Step]:
        """Make the explanation, and yield each step that is done.

        The work goes on in a thread while a step is looked at. Closing the iterator, as leaving
        its loop does, stops the work at its next step, and what was made on the disk is removed.

        Raises
        ------
        ZollstockError
            If something cannot be made, or the work goes on elsewhere.
        """
        if self.tests is not None:
            return
        # Work that is being stopped ends soon.
        if not self._working.acquire(blocking=self._stop.is_set()):
            raise ZollstockError(
                "explain()", "is at work", "one that makes it", "Wait for it, or make another one."
            )
        self._stop = threading.Event()
        yield from in_background(self._in_a_folder, self._stop, self._working.release)

    def _in_a_folder(self, tell: Callable[[Step], None]) -> None:
        with tempfile.TemporaryDirectory(prefix="zollstock-") as folder:
            self._work(Path(folder), tell)

    def run(self) -> "Explanation":
        """Make all of it; see `steps`."""
        for _ in self.steps():
            pass
        return self

    def _work(self, folder: Path, tell: Callable[[Step], None]) -> None:
        making = Making(self.asked, self.picture, self.runners, folder)
        edits = self._frames(making, tell)
        owners = {}
        for place, model in enumerate(self.models):
            owners[model] = making.owners(making.picture_said(model, edits))
            found = making.said(model, edits)
            self.followed[model] = making.followed(found, owners[model])
            self.predictions[model] = found
            tell(Step("curves", place + 1, len(self.models), model))
        scores = making.scores(edits, self.predictions, owners)
        placebos = self._placebos(making, edits, tell)
        if placebos is not None:
            for model in self.models:
                self.beside[model] = making.followed(making.said(model, placebos), owners[model])
        tests = making.tests(edits, placebos, self.followed, self.beside, scores)
        self.scores, self.tests = scores, tests
        tell(Step("tests", 1, 1))

    def _frames(self, making: Making, tell: Callable[[Step], None]) -> Made:
        done, shown, total = 0, 0, 0

        def count(finished: int) -> None:
            nonlocal done
            done += finished
            tell(Step("frames", done, max(total, done)))

        def show(axis: npt.NDArray[np.float64], frames: npt.NDArray[np.uint8]) -> None:
            nonlocal shown
            shown += len(frames)
            tell(Step("frames", shown, max(total, shown), axis=axis, frames=frames))

        steps = self.asked.edits.settings.get("steps")
        total = steps * len(self.asked.edits.draws) if isinstance(steps, int) else 0
        edits = making.edits(count, show)
        self.facts = edits.manifest["facts"]
        self.paths = edits.paths()
        self.path = self.paths[0]
        tell(Step("frames", done, done))
        return edits

    def _placebos(self, making: Making, edits: Made, tell: Callable[[Step], None]) -> Made | None:
        paths, done = self.asked.placebos, 0
        total = 0 if paths is None else paths.settings["steps"] * len(paths.draws)

        def count(finished: int) -> None:
            nonlocal done
            done += finished
            tell(Step("placebos", done, max(total, done)))

        return making.placebos(edits, count)

    # --- looking at it --------------------------------------------------------------------

    @property
    def finished_path(self) -> EditPath:
        """The path of a finished explanation."""
        self._finished()
        assert self.path is not None, "a finished explanation has a path"
        return self.path

    def curve(self, model: str) -> pd.Series:
        """Return the followed output of a model, by the property's value."""
        return curve_as_series(self._of(model), 0, self.property, model)

    def curves(self) -> pd.DataFrame:
        """Return the curves of all models that are done, a column each."""
        return pd.concat([self.curve(model) for model in self.followed], axis=1)

    def to_pandas(self) -> pd.DataFrame:
        """Return the table of tests, a row per model; its columns are those of a study's."""
        return self._finished().reset_index(drop=True)

    def to_xarray(self) -> "Dataset":
        """Return frames, and what each model says of them, with named dimensions.

        Models have classes of their own, so that their variables are ``<model>_probability`` with
        the dimensions step and ``<model>_class``, and ``<model>_curve`` (step).
        """
        return explanation_as_dataset(self)

    def verdicts(self) -> list[str]:
        """Return for each model in a sentence what the placebo test found."""
        rows = self._finished().to_dict("records")
        alpha = float(self.asked.study["scoring"]["alpha"])
        return [
            verdict_sentence({str(k): v for k, v in row.items()}, alpha=alpha, title=self.title)
            for row in rows
        ]

    def locate(
        self,
        methods: Sequence[str] | Mapping[str, Any] = ("property", "gradcam", "ig"),
        evaluate: Mapping[str, Any] | None = None,
        progress: Callable[[int, int], None] = lambda done, total: None,
    ) -> "Maps":
        """Return where in the picture, and where along the property, models' answers arise.

        Parameters
        ----------
        methods
            Names of methods of docs/locate.md, or name → settings, as in the section ``locate``.
        evaluate
            How maps are judged by occlusion, as ``locate.evaluate``; ``{}`` takes what is default.
            Without it they are not.
        progress
            Told before each piece of work how many are done, and of how many.

        Raises
        ------
        ZollstockError
            If there is no such method, or what is followed has no gradient.
        """
        from zollstock.explaining.where import locate  # what it runs is not needed before

        self._finished()
        return locate(self, methods, evaluate, progress)

    def output_of(self, model: str) -> str:
        """Return what is followed of a model, as the column ``output`` has it."""
        output = parse_output(self.asked.output)
        return output.of(self.runners[model].model.classes[int(self._of(model).chosen[0])])

    def plot(self) -> Figure:
        """Draw its card: frames, and per model its curve over those of the placebos."""
        self._finished()
        return draw(self)

    def _repr_png_(self) -> bytes | None:
        return None if self.tests is None else self.plot()._repr_png_()  # type: ignore[attr-defined, no-any-return]

    def _of(self, model: str) -> Followed:
        if model not in self.followed:
            raise ZollstockError(
                "explanation",
                f"has no curve of '{model}'",
                f"one of {', '.join(self.followed) or 'none yet'}",
                "Make it first: run()." if model in self.models else "Choose one of these.",
            )
        return self.followed[model]

    def _finished(self) -> pd.DataFrame:
        if self.tests is None:
            raise ZollstockError(
                "explanation", "is not finished", "one that is made", "Call run(), or use steps()."
            )
        return self.tests


def explain(
    image: Any,  # noqa: ANN401
    models: Any,  # noqa: ANN401
    property: str | Mapping[str, Any],
    **how: Any,  # noqa: ANN401
) -> Explanation:
    """Change one property of a picture step by step, and see how far models' answers move.

    Frames, predictions, scores and the placebo test are made by the functions that a study's jobs
    call: the numbers are those that a study of this image, property, models and seed has.

    Parameters
    ----------
    image, models, property, **how
        See `Explanation`: ``label``, ``output``, ``placebos``, ``seed``, ``device``,
        ``batch_size``, and sections of a config file.

    Returns
    -------
    Explanation
        It draws itself (`plot`), and turns into tables (`to_pandas`) and arrays (`to_xarray`).

    Raises
    ------
    ZollstockError
        If the picture, a model or a setting is wrong, or the frames cannot be made.

    Examples
    --------
    >>> from zollstock import drawn_images, explain
    >>> dog = drawn_images("pets", classes=["dog"])[0]
    >>> explain(dog, ["pets_dark_dogs"], "fur_lightness").plot()    # doctest: +SKIP
    """
    return Explanation(image, models, property, **how).run()
