"""Small trained classifiers that come with the project.

``python -m zollstock.models.shipped results/pets`` copies those of a finished default study here.
"""

import csv
import shutil
import sys
from pathlib import Path

from zollstock.files import read_json, write_json

SHIPPED = Path(__file__).resolve().parents[2] / "resources" / "models"
"""Where they lie: weights, and a card beside them; README.md says how they are made."""


def shipped_models() -> list[str]:
    """Return their names; none where the library alone is installed."""
    return sorted(file.stem for file in SHIPPED.glob("*.safetensors"))


def ship(results: Path, folder: Path = SHIPPED) -> list[str]:
    """Copy the trained models of a study, and write into their cards how they were tested.

    Parameters
    ----------
    results
        The study's folder of results, with ``models/accuracy.csv``.
    folder
        Where to. A model is called ``<study>_<model>`` there.

    Returns
    -------
    list of str
        Their names.
    """
    with (results / "models/accuracy.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    folder.mkdir(parents=True, exist_ok=True)
    names = []
    for model in dict.fromkeys(row["model"] for row in rows):
        name = f"{results.name}_{model}"
        tested = {
            row["split"]: {"accuracy": round(float(row["accuracy"]), 4), "n": int(row["n"])}
            for row in rows
            if row["model"] == model
        }
        card = read_json(results / f"models/{model}.json")
        write_json({**card, "tested": tested}, folder / f"{name}.json")
        shutil.copyfile(results / f"models/{model}.safetensors", folder / f"{name}.safetensors")
        names.append(name)
    return names


if __name__ == "__main__":
    for shipped in ship(Path(sys.argv[1])):
        print(SHIPPED / f"{shipped}.safetensors")
