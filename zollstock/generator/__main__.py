"""Write the files that follow from others: `make docs`."""

from zollstock.generator.generate import generated
from zollstock.plan.imports import ROOT


def main() -> None:
    """Write every generated file."""
    for path, text in generated().items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        print(path.relative_to(ROOT))


if __name__ == "__main__":
    main()
