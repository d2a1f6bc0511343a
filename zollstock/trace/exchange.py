"""Causal graphs as files that any program reads: GraphML and JSON, never a pickle."""

import json
import math
from dataclasses import asdict
from pathlib import Path
from typing import Any

from zollstock.errors import ZollstockError
from zollstock.trace.structure import Graph, Node

_VERSION = 1


def write_graphml(graph: Graph, path: Path) -> None:
    """Write a graph as GraphML; numbers that are not known are left out."""
    import networkx as nx

    made = nx.DiGraph()
    for place, node in enumerate(graph.nodes):
        facts = {
            name: value
            for name, value in asdict(node).items()
            if not (isinstance(value, float) and math.isnan(value))
        }
        made.add_node(f"n{place}", **facts)
    made.add_edges_from((f"n{parent}", f"n{child}") for parent, child in graph.edges)
    nx.write_graphml_xml(made, path)


def write_json(graph: Graph, path: Path) -> None:
    """Write a graph as JSON; numbers that are not known are null."""
    nodes = [
        {
            name: None if isinstance(value, float) and math.isnan(value) else value
            for name, value in asdict(node).items()
        }
        for node in graph.nodes
    ]
    held = {
        "version": _VERSION,
        "nodes": nodes,
        "edges": [list(edge) for edge in graph.edges],
        "tried": dict(graph.tried),
        "fallbacks": list(graph.fallbacks),
    }
    path.write_text(json.dumps(held, indent=1, allow_nan=False) + "\n", encoding="utf-8")


def read_json(path: Path) -> Graph:
    """Return a graph that `write_json` wrote.

    Raises
    ------
    ZollstockError
        If it is none.
    """
    try:
        held: Any = json.loads(path.read_text(encoding="utf-8"))
        if held["version"] != _VERSION:
            raise ValueError(f"is of version {held['version']}")
        nodes = tuple(
            Node(
                str(one["layer"]),
                int(one["unit"]),
                *(
                    math.nan if one[name] is None else float(one[name])
                    for name in ("effect", "share", "p", "q")
                ),
            )
            for one in held["nodes"]
        )
        edges = tuple((int(parent), int(child)) for parent, child in held["edges"])
        if any(not 0 <= end < len(nodes) for edge in edges for end in edge):
            raise ValueError("has an edge from or to no node")
        tried = {str(name): int(count) for name, count in held["tried"].items()}
        return Graph(nodes, edges, tried, tuple(map(str, held["fallbacks"])))
    except (ValueError, KeyError, TypeError, AttributeError, OSError) as error:
        raise ZollstockError(
            path,
            f"is no causal graph ({type(error).__name__}: {error})",
            "a file that zollstock wrote",
            "Write it again; in a study, run again with --forcerun trace_model.",
        ) from None
