"""Through which units of a model a property acts, over several explained pictures."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd
from matplotlib.figure import Figure

from zollstock.errors import ZollstockError
from zollstock.explaining.explanation import Explanation
from zollstock.figures.circuits import draw_circuits
from zollstock.figures.style import keeping_style, styled
from zollstock.locate.differentiable import Differentiable, GradientModel
from zollstock.locate.subjects import walk_of
from zollstock.plan.asking import conductance_settings
from zollstock.scoring.outputs import parse_output
from zollstock.trace.layers import Layer, layer_table
from zollstock.trace.network import Network, follow_model
from zollstock.trace.shares import Shares, Traced, property_shares
from zollstock.trace.units import inner_sites


@dataclass(frozen=True)
class Carriers:
    """Which units and edges carry a property in one model.

    Attributes
    ----------
    model, along, title
        The model, the property and what it is called.
    shares
        See `zollstock.trace.shares.Shares`: tables of units, of edges and of how complete they are.
    layers
        The model's layers, in the order of their calls.
    """

    model: str
    along: str
    title: str
    shares: Shares
    layers: Sequence[Layer]

    @property
    def units(self) -> pd.DataFrame:
        """A row a unit: layer, kind, unit, n, share, low, high, p, q, exact."""
        return self.shares.units

    @property
    def edges(self) -> pd.DataFrame:
        """The edges with the largest shares."""
        return self.shares.edges

    def plot(self, alpha: float = 0.05) -> Figure:
        """Draw the circuit: units as discs, a column a layer; full where q ≤ alpha."""
        named = {"property": self.along, "model": self.model}
        tables = [self.units, self.edges, layer_table(self.layers)]
        units, edges, layers = (table.assign(**named) for table in tables)
        with styled():
            pages = draw_circuits(units, edges, layers, {self.along: self.title}, alpha)
            ((_, figure),) = pages
        return keeping_style(figure)

    def _repr_png_(self) -> bytes:
        return self.plot()._repr_png_()  # type: ignore[attr-defined, no-any-return]

    def __repr__(self) -> str:
        count = int(self.units["n"].iloc[0])
        return f"<Carriers of {self.title} in {self.model}, over {count} images>"


def trace_units(
    explained: Sequence[Explanation],
    model: str,
    *,
    frames: int = 9,
    units: Sequence[str] = ("channels", "neurons"),
    seed: int = 0,
    **conductance: Any,  # noqa: ANN401
) -> Carriers:
    """Return which units of a model carry a property's effect, over several explained pictures.

    The conductance of each unit and edge along the pictures' frames, as the stage `trace` of a
    study takes it; a test over pictures wants eight or more (`zollstock.trace.shares`).

    Parameters
    ----------
    explained
        Pictures explained along one property, with this model.
    model
        Its name.
    frames
        At how many frames of a path.
    units
        Kinds of units: ``channels``, ``neurons``, ``heads``, ``tokens``.
    seed
        Of the bootstrap.
    **conductance
        Settings as in the section ``trace.conductance`` of a study.

    Raises
    ------
    ZollstockError
        If they are of several properties, lack the model, or the model has no gradients.
    """
    _check(explained, model)
    first = explained[0]
    network = Differentiable(first.runners[model].model, device=first.runners[model].device)
    output = parse_output(first.asked.output)
    networks: dict[int, Network] = {}
    paths = []
    for one in explained:
        walk = walk_of(one.finished_path, network.model.geometry)
        pixels = network.pixels(walk.thinned(frames))
        network.prepare(pixels)
        chosen = int(one.followed[model].chosen[0])
        of = networks.setdefault(chosen, follow_model(GradientModel(network, output, chosen)))
        paths.append(Traced(one.picture.id, of, pixels))
    still = paths[0].frames[:1]
    wiring, sites = inner_sites(paths[0].network, still, units)
    settings = conductance_settings(conductance)
    shares = property_shares(paths, wiring, sites, seed, first.property, settings=settings)
    return Carriers(model, first.property, first.title, shares, wiring.layers)


def _check(explained: Sequence[Explanation], model: str) -> None:
    names = list(dict.fromkeys(one.property for one in explained))
    if len(names) != 1:
        raise ZollstockError(
            "trace_units()",
            f"is given pictures along {', '.join(names) or 'no property'}",
            "one property",
            "Trace each of them by itself.",
        )
    for one in explained:
        one.to_pandas()  # says so if it is not finished
        one.curve(model)
