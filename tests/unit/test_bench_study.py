"""The benchmark that reads a finished study."""

import importlib.util
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def bench():
    spec = importlib.util.spec_from_file_location("bench_study", ROOT / "benchmarks/study.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def study(tmp_path):
    """Two rules; a job of the second has left no note."""
    for name, cpu, note in (
        ("infer/fur/a", "1.50", "processor time: 4.25 s\n"),
        ("infer/fur/b", "NA", "chatter\nprocessor time: 3.75 s\n"),
        ("score/a", "2.00", "chatter\n"),
    ):
        rule, _, rest = name.partition("/")
        file = tmp_path / f"results/mine/benchmarks/{name}.tsv"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"s\th:m:s\tcpu_time\n10.0\t0:00:10\t{cpu}\n")
        log = tmp_path / "logs/mine" / rule / f"{rest.replace('/', '.')}.log"
        log.parent.mkdir(parents=True, exist_ok=True)
        log.write_text(note)
    return bench_paths(tmp_path)


def bench_paths(folder):
    return folder / "results/mine", folder / "logs/mine"


def test_jobs_and_times_of_each_rule(bench, study):
    rules, wall = bench.read_study(*study)
    assert wall == pytest.approx(10, abs=5)
    infer, score = rules["infer"], rules["score"]
    assert (infer.jobs, infer.wall, infer.polled, infer.cpu) == (2, 20.0, 1.5, 8.0)
    assert infer.complete
    assert (score.jobs, score.cpu, score.complete) == (1, 2.0, False)


def test_a_share_is_named_only_where_the_processor_time_is_known(bench, study):
    rules, _ = bench.read_study(*study)
    rules["infer"].start = 2.0
    rules["score"].start = 1.5
    assert [line.split() for line in bench.table(rules)] == [
        ["rule", "jobs", "wall", "cpu", "polled", "start", "share"],
        ["infer", "2", "20.0", "8.0", "1.5", "4.0", "50%"],
        ["score", "1", "10.0", "2.0*", "2.0", "1.5"],
        ["total", "3", "30.0", "10.0*", "3.5", "5.5"],
    ]


def test_imports_are_found_wherever_they_stand_and_measured(bench, tmp_path):
    script = tmp_path / "script.py"
    script.write_text("import json\nwith open('x'):\n    from zollstock.errors import Any\n")
    assert bench.imports_of(script) == "import json\nfrom zollstock.errors import Any"
    script.write_text("with job(snakemake):\n    import zollstock.errors\n")
    assert bench.start_of(script, 1) > 0
