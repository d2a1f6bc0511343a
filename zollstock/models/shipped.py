"""Small trained classifiers that come with the project. Standard library only."""

from pathlib import Path

SHIPPED = Path(__file__).resolve().parents[2] / "resources" / "models"
"""Where they lie: weights, and a card beside them; README.md says how they are made."""


def shipped_models() -> list[str]:
    """Return their names; none where the library alone is installed."""
    return sorted(file.stem for file in SHIPPED.glob("*.safetensors"))
