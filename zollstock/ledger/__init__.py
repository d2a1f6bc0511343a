"""The edit ledger: what an edit really did, per path and step."""

from zollstock.ledger.base import Meter
from zollstock.ledger.masks import MaskSet, masks_for, read_mask, rendered_masks
from zollstock.ledger.meters import METERS, make_meter
from zollstock.ledger.table import COLUMNS, judge_path, measure_path
from zollstock.ledger.truth import exact_readings
from zollstock.ledger.verdict import FLAGS, Thresholds

__all__ = [
    "COLUMNS",
    "FLAGS",
    "METERS",
    "MaskSet",
    "Meter",
    "Thresholds",
    "exact_readings",
    "judge_path",
    "make_meter",
    "masks_for",
    "measure_path",
    "read_mask",
    "rendered_masks",
]
