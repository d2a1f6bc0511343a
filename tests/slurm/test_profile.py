"""The Slurm profile and the rules fit together; this needs no cluster."""

import re

import yaml

from tests.slurm.conftest import PROFILE
from tests.workflow.conftest import ROOT


def test_the_profile_names_every_rule_that_becomes_a_job():
    """A rule that is missing there would not get more memory when it is tried again."""
    text = "".join(file.read_text() for file in (ROOT / "rules").glob("*.smk"))
    rules = re.findall(r"^rule (\w+):(.*?)(?=^\S|\Z)", text, re.DOTALL | re.MULTILINE)
    jobs = {name for name, body in rules if "script:" in body} - {"fetch_checkpoint", "paper"}
    # One that inherits from another has its script.
    jobs |= set(re.findall(r"^use rule \w+ as (\w+) with:", text, re.MULTILINE))
    profile = yaml.safe_load((PROFILE / "config.yaml").read_text())
    named = profile["set-resources"]
    assert set(named) == jobs
    # Where weights are loaded, the rule itself says how much they need.
    growing = {name for name, body in rules if "attempt" in body or "mem_mb=memory_of_" in body}
    assert {name for name, resources in named.items() if "mem_mb" not in resources} == growing
    assert all("* attempt" in resources.get("mem_mb", "* attempt") for resources in named.values())
    assert "* attempt" in profile["default-resources"]["runtime"]
    assert profile["retries"] > 0
    assert "retries:" not in text
