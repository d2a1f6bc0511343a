"""Which files and packages a script needs, read from its imports. Standard library only."""

import ast
import sys
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

# What a package is called where that differs from what is imported.
PACKAGES = {
    "PIL": "pillow",
    "huggingface_hub": "huggingface-hub",
    "skimage": "scikit-image",
    "sklearn": "scikit-learn",
    "pydantic_core": "pydantic-core",
    "yaml": "PyYAML",
}
# What is used without being imported by name: pandas writes Parquet through pyarrow, diffusers
# loads large weights through accelerate and text encoders through transformers.
HIDDEN = {"pandas": ["pyarrow"], "diffusers": ["accelerate", "transformers"]}


def library_files(
    script: Path | None, *modules: str, root: Path = ROOT, without: tuple[str, ...] = ()
) -> list[Path]:
    """Return the files below `root` that run when `script` and `modules` are imported.

    Modules that are imported by name at run time (engines, worlds) are given by the caller, and
    so are those that are left out, with what only they import (`without`).
    """
    waiting = {file for module in modules for file in module_files(module, root)}
    waiting |= {script} if script else set()
    # Their packages run all the same, for other modules in them.
    left_out = {files[-1] for module in without if (files := module_files(module, root))}
    found: set[Path] = set()
    while waiting:
        file = waiting.pop()
        found.add(file)
        for module in imported_modules(file):
            waiting |= set(module_files(*_absolute(module, file, root))) - found - left_out
    return sorted(file for file in found if file != script)


def _absolute(module: str, file: Path, root: Path) -> tuple[str, Path]:
    """Return a module's name without dots before it, and the folder that it starts from."""
    name = module.lstrip(".")
    dots = len(module) - len(name)
    return (name, file.parents[dots - 1]) if dots else (name, root)


def packages(script: Path, *modules: str, without: tuple[str, ...] = ()) -> set[str]:
    """Return the distributions that `script` needs, directly and through the library."""
    needed = set()
    for file in [script, *library_files(script, *modules, without=without)]:
        for module in imported_modules(file):
            top = module.split(".")[0]
            if top and top not in {"zollstock", "snakemake"} | sys.stdlib_module_names:
                package = PACKAGES.get(top, top)
                needed |= {package, *HIDDEN.get(package, [])}
    return needed


@cache
def imported_modules(file: Path) -> frozenset[str]:
    """Return the names that a file imports; `from a import b` may mean the module a.b.

    Names that are relative to the file's package begin with dots.

    Imports for type checkers only (`if TYPE_CHECKING:`) never run and do not count.
    """
    names = set()
    waiting: list[ast.AST] = [ast.parse(file.read_text(encoding="utf-8"))]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            waiting += node.orelse
            continue
        # Expressions hold no imports; to leave them out saves a third of the time.
        waiting += [part for part in ast.iter_child_nodes(node) if not isinstance(part, ast.expr)]
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            dots, of = "." * node.level, [node.module] if node.module else []
            names |= {dots + ".".join([*of, alias.name]) for alias in node.names}
            names |= {dots + name for name in of}
    return frozenset(names)


def modules_by_name() -> list[str]:
    """Return what scripts and jobs import by name: `import_module("…")`."""
    names = set()
    places = (ROOT / "workflow" / "scripts", ROOT / "zollstock" / "jobs")
    for file in sorted(file for place in places for file in place.glob("*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            match node:
                case ast.Call(
                    func=ast.Name(id="import_module") | ast.Attribute(attr="import_module"),
                    args=[ast.Constant(value=str(name))],
                ):
                    names.add(name)
    return sorted(names)


@cache
def module_files(module: str, root: Path = ROOT) -> tuple[Path, ...]:
    """Return the files below `root` that run when a module is imported, packages included."""
    files = []
    parts = module.split(".")
    for length in range(1, len(parts) + 1):
        path = root.joinpath(*parts[:length])
        files += [
            file for file in (path.with_suffix(".py"), path / "__init__.py") if file.is_file()
        ]
    return tuple(file for file in files if file.is_file())
