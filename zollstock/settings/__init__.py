"""The settings of a study: one source of defaults, JSON schema and documentation.

The library's other rooms never import this one; they take plain arguments. The
Snakefile builds a `Study` once and hands each rule only the keys that change its result.
"""

from zollstock.settings.editors import DiffusionProperty
from zollstock.settings.ledger import MeterSettings
from zollstock.settings.prerequisites import check_prerequisites, check_writable
from zollstock.settings.study import Study, parse_study

__all__ = [
    "DiffusionProperty",
    "MeterSettings",
    "Study",
    "check_prerequisites",
    "check_writable",
    "parse_study",
]
