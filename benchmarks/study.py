"""Where the time of a finished study went, rule by rule.

Run ``python benchmarks/study.py results/pets`` in the folder in which the study ran (with
`--scripts` if that is not the repository). Printed are, for each rule, its jobs and

- wall: seconds from the start to the end of its jobs, summed (Snakemake's benchmark files);
- cpu: processor seconds of its jobs and of the programs they ended, which each job notes in its
  log as its last act: from Python's start on, children included. Python's own end is missing,
  some tenths of a second with the large libraries;
- polled: the same by Snakemake's benchmark files. Snakemake looks at a job now and then, every 30 s
  if it is long, and what a job did after the last look is missing. So each of the two is a lower
  bound. This one stands in for `cpu`, with a star, where logs lack the note;
- start: processor seconds to start Python and import what the rule's script imports, measured here
  and now in a fresh process, times the number of jobs. Modules that a job imports by name or on the
  way (an engine's pipeline) are not among them: the share is at least this.

`wall` of the study is the time from the start of its first job to the end of its last; it is a
run's duration if the study was made in one run.
"""

import argparse
import ast
import os
import resource
import subprocess
import sys
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from zollstock.jobs.harness import USED  # noqa: E402 - the repository is no installed package


@dataclass
class Rule:
    """What the jobs of one rule took."""

    jobs: int = 0
    wall: float = 0.0
    polled: float = 0.0
    noted: list[float] = field(default_factory=list)
    start: float | None = None  # of one job

    @property
    def complete(self) -> bool:
        """Whether every job has noted its processor time."""
        return len(self.noted) == self.jobs

    @property
    def cpu(self) -> float:
        """Processor seconds, as the jobs have noted them or, else, as Snakemake saw them."""
        return sum(self.noted) if self.complete else self.polled


def read_study(results: Path, logs: Path) -> tuple[dict[str, Rule], float]:
    """Return what each rule took, and the seconds from the first job's start to the last's end."""
    rules: dict[str, Rule] = defaultdict(Rule)
    begins, ends = [], []
    for file in sorted((results / "benchmarks").rglob("*.tsv")):
        head, *rows = (line.split("\t") for line in file.read_text().splitlines())
        row = dict(zip(head, rows[-1], strict=True))
        rule = rules[file.relative_to(results / "benchmarks").parts[0]]
        rule.jobs += 1
        rule.wall += float(row["s"])
        rule.polled += 0.0 if row["cpu_time"] == "NA" else float(row["cpu_time"])
        ends.append(file.stat().st_mtime)
        begins.append(ends[-1] - float(row["s"]))
    for name, rule in rules.items():
        for file in sorted((logs / name).rglob("*.log")):
            lines = file.read_text(errors="replace").splitlines()
            rule.noted += [float(line.split()[-2]) for line in lines if line.startswith(USED)]
    return dict(rules), max(ends) - min(begins) if ends else 0.0


def imports_of(script: Path) -> str:
    """Return the import statements of a script, wherever in it they stand."""
    found = (
        node
        for node in ast.walk(ast.parse(script.read_text()))
        if isinstance(node, ast.Import | ast.ImportFrom)
    )
    return "\n".join(ast.unparse(node) for node in found)


def start_of(script: Path, repeats: int) -> float:
    """Return the processor seconds to start Python and run a script's imports, the least found."""
    command = [sys.executable, "-c", imports_of(script)]
    seconds = []
    for _ in range(repeats):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run(command, env=os.environ | {"PYTHONPATH": str(ROOT)}, check=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        seconds.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    return min(seconds)


def table(rules: dict[str, Rule]) -> list[str]:
    """Return the lines of the table, the rule that took most of the processor first."""
    lines = [_row("rule", "jobs", "wall", "cpu", " ", "polled", "start", "share")]
    for name, rule in sorted(rules.items(), key=lambda row: -row[1].cpu):
        started = None if rule.start is None else rule.start * rule.jobs
        lines.append(_numbers(name, rule.jobs, rule.wall, rule, rule.polled, started))
    total = Rule(jobs=1, polled=sum(rule.cpu for rule in rules.values()))
    if all(rule.complete for rule in rules.values()):
        total = Rule(jobs=1, noted=[total.polled])
    jobs, wall, polled, started = (
        sum(found)
        for found in zip(
            *((r.jobs, r.wall, r.polled, r.jobs * (r.start or 0.0)) for r in rules.values()),
            strict=True,
        )
    )
    measured = any(rule.start is not None for rule in rules.values())
    lines.append(_numbers("total", jobs, wall, total, polled, started if measured else None))
    return lines


def _numbers(
    name: str, jobs: int, wall: float, rule: Rule, polled: float, started: float | None
) -> str:
    """Return a row; a share of processor time that is known to be too low is left out."""
    start = "" if started is None else f"{started:.1f}"
    share = f"{started / rule.cpu:.0%}" if started and rule.complete and rule.cpu else ""
    star = " " if rule.complete else "*"
    return _row(name, jobs, f"{wall:.1f}", f"{rule.cpu:.1f}", star, f"{polled:.1f}", start, share)


def _row(
    name: str, jobs: object, wall: str, cpu: str, star: str, polled: str, start: str, share: str
) -> str:
    row = f"{name:<22}{jobs!s:>5}{wall:>9}{cpu:>9}{star}{polled:>9}{start:>9}{share:>7}"
    return row.rstrip()


def main() -> None:
    """Print the table of the study that is named."""
    options = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    options.add_argument("results", type=Path, help="the study's folder, results/STUDY")
    options.add_argument("--scripts", type=Path, default=ROOT / "workflow/scripts")
    options.add_argument("--repeats", type=int, default=2, help="starts per rule; 0 measures none")
    chosen = options.parse_args()
    logs = chosen.results.parent.parent / "logs" / chosen.results.name
    rules, wall = read_study(chosen.results, logs)
    if not rules:
        sys.exit(
            f"{chosen.results}: has no benchmarks/*/*.tsv; name the folder of a finished study"
        )
    for name, rule in rules.items():
        script = chosen.scripts / f"{name}.py"
        if chosen.repeats and script.is_file():
            rule.start = start_of(script, chosen.repeats)
    print("\n".join(table(rules)))
    print(f"wall time of the study: {wall:.0f} s")
    if any(not rule.complete for rule in rules.values()):
        print(
            "*: some logs have no note of the processor time; it is Snakemake's, which is too low"
        )


if __name__ == "__main__":
    main()
