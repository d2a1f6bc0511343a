"""What the rules take from Snakemake that its documentation does not promise.

Each function has the workflow object of a Snakefile as its argument. Nothing else in the project
touches these attributes, so that a new Snakemake breaks this file alone, and
tests/workflow/test_snakemake_internals.py says what it broke.
"""

import importlib.metadata
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from snakemake.io import is_callable, is_flagged

from zollstock.errors import ZollstockError

KNOWN = "9.27"
"""The Snakemake that this was written for; also the least one that is asked for."""


@contextmanager
def _internal(name: str) -> Iterator[None]:
    """Turn an attribute that is gone into one line that names it and the version."""
    try:
        yield
    except (AttributeError, TypeError) as error:
        raise ZollstockError(
            f"Snakemake {importlib.metadata.version('snakemake')}",
            f"has no {name} that zollstock can use ({error})",
            f"Snakemake {KNOWN} or one that works alike",
            "Install the one in requirements.lock.",
        ) from None


def files_to_write(workflow: Any) -> list[str]:  # noqa: ANN401
    """Return outputs, logs and benchmarks of all jobs that will run; for `onstart`."""
    with _internal("dag.needrun_jobs() whose jobs have products()"):
        return [str(file) for job in workflow.dag.needrun_jobs() for file in job.products()]


def files_of_run(workflow: Any) -> list[str]:  # noqa: ANN401
    """Return the outputs of all jobs that the targets lead to, whether they had to run; late."""
    with _internal("dag.jobs that have an output"):
        return [str(file) for job in workflow.dag.jobs for file in job.output]


def cores_of(workflow: Any) -> int | None:  # noqa: ANN401
    """Return ``--cores``; None where it was not given, as with most executors.

    `workflow.cores`, which is public, ends the run then.
    """
    with _internal("_cores"):
        cores = workflow._cores
        return None if cores is None else int(cores)


def makes_environments(workflow: Any) -> bool:  # noqa: ANN401
    """Return whether every rule runs in an environment of its own (``--sdm conda``)."""
    with _internal("deployment_settings.deployment_method"):
        # Members of an enumeration whose values are numbers.
        methods = workflow.deployment_settings.deployment_method
        return "CONDA" in {method.name for method in methods}


def lacks_resource(workflow: Any, name: str) -> bool:  # noqa: ANN401
    """Return whether this machine's jobs are not held to a resource, as its profile would; late."""
    with _internal("local_exec and global_resources"):
        return bool(workflow.local_exec) and name not in workflow.global_resources


def deletes_all_output() -> bool:
    """Return whether Snakemake was called to delete what it made; nothing else of it says so."""
    return any(word.startswith("--delete-all") for word in sys.argv[1:])


def asks_for(target: str) -> bool:
    """Return whether Snakemake was called with a target of this name."""
    return target in sys.argv[1:]


def cut_dependencies(workflow: Any) -> None:  # noqa: ANN401
    """Let no rule know which rule makes its inputs, where they are given as `rules.NAME.output`.

    Files are then taken as they are, whatever their dates; ``allowed-rules`` alone leaves these
    ties in place.
    """
    with _internal("rules whose dependencies are a dict"):
        for rule in workflow.rules:
            rule.dependencies.clear()


def compare_contents(workflow: Any, content_of: Callable[[Iterable[str]], str]) -> None:  # noqa: ANN401
    """Let the content of inputs that are `ancient`, and nothing else of them, decide what runs.

    Snakemake looks at an input's content only where its time is later than the outputs', so that
    an older file in its place would go unseen. For each name of a rule's inputs the rule is given
    a parameter with what they hold, which Snakemake keeps and compares.
    """

    def content(name: str, item: Any) -> Callable[[Any], str]:  # noqa: ANN401
        def content(wildcards: Any) -> str:  # noqa: ANN401
            files = _timeless(item, wildcards)
            return f"{name} ({content_of(files)})" if files else ""

        return content

    with _internal("rules with inputs and set_params()"):
        for rule in workflow.rules:
            if rule.script:
                named = {name: item for name, item in rule.input._allitems() if name}
                kept = {f"content_of_{name}": content(name, named[name]) for name in named}
                rule.set_params(**kept)


def _timeless(item: Any, wildcards: Any) -> list[str]:  # noqa: ANN401
    """Return the files of a name of a rule's inputs that are `ancient`."""
    found = item
    if is_callable(item):
        # `ancient` keeps a function in a string, and a rule that one in another.
        kept = getattr(item, "_file", item)
        found = (getattr(kept, "callable", None) or kept)(wildcards)
    files = [found] if isinstance(found, str) else found
    flagged = is_flagged(item, "ancient")
    return [str(file) for file in files if flagged or is_flagged(file, "ancient")]
