"""Which files and packages a script needs, read from its imports. Standard library only."""

import ast
import sys
import sysconfig
from functools import cache
from importlib.util import find_spec
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
        for module in _imports(file, root):
            waiting |= set(module_files(*_absolute(module, file, root))) - found - left_out
    return sorted(file for file in found if file != script)


def files_of_own(module: str, here: Path) -> list[Path]:
    """Return the files that run when a module of the user's is imported.

    It lies in the folder of the run, or else where Python finds it: on PYTHONPATH, or where a
    package lies that is installed to be edited. What is installed for good belongs to the machine.

    Parameters
    ----------
    module
        Its name, with dots.
    here
        The folder of the run.
    """
    if module_files(module, here):
        return library_files(None, module, root=here)
    try:
        spec = find_spec(module.partition(".")[0])
    except (ImportError, ValueError):
        return []  # the job that imports it says what is wrong
    places = list(spec.submodule_search_locations or [spec.origin or ""]) if spec else []
    if not places or not Path(places[0]).is_absolute():
        return []  # part of Python itself
    root = Path(places[0]).parent
    machine = {"site-packages", "dist-packages"} & set(root.parts)
    if machine or root.is_relative_to(sysconfig.get_path("stdlib")):
        return []
    return library_files(None, module, root=root)


def _imports(file: Path, root: Path) -> frozenset[str]:
    """Return `imported_modules`; of a user's file that Python cannot read, none."""
    try:
        return imported_modules(file)
    except (OSError, SyntaxError, ValueError):
        if root == ROOT and file.is_relative_to(ROOT / "zollstock"):
            raise
        return frozenset()  # the job that imports it says what is wrong


def _absolute(module: str, file: Path, root: Path) -> tuple[str, Path]:
    """Return a module's name without dots before it, and the folder that it starts from."""
    name = module.lstrip(".")
    dots = len(module) - len(name)
    above = file.parents
    return (name, above[min(dots, len(above)) - 1]) if dots else (name, root)


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
    waiting: list[ast.AST] = [ast.parse(file.read_bytes())]  # a user's may be of another encoding
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
