"""Take the maps of one model on a share of the images, and judge them."""

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch

from zollstock.devices import hold_device
from zollstock.errors import ZollstockError
from zollstock.images.table import ImageRecord, read_table
from zollstock.inference.kept import model_fingerprint
from zollstock.ledger.meters import make_meter
from zollstock.locate.classifier import followed
from zollstock.locate.context import Context
from zollstock.locate.differentiable import Differentiable, GradientModel
from zollstock.locate.judging import Judge, Judged
from zollstock.locate.kept import KeptMaps, made_by
from zollstock.locate.places import parts_of, property_mask
from zollstock.locate.subjects import Subject, read_subject
from zollstock.locate.taking import Asked, Method, Taken, take_maps
from zollstock.manifests import read_manifest, store_of
from zollstock.models.card import Model, load_model
from zollstock.parquet import write_parquet
from zollstock.progress import Progress
from zollstock.scoring.follow import chosen_of_pictures
from zollstock.scoring.outputs import Spelled, parse_output
