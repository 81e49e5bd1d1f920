"""What a result depends on besides its input files: the code that made it, and the modules that this imports.

Snakemake gets digests as parameters of a rule, so a change of one of them, and nothing else, is a reason to run a stage
again, and `snakemake -n` prints which one it was; work in progress of a training is named by them. A digest is of what code
does: comments, docstrings, formatting and the descriptions of parameters do not count, nor do outputs, metadata and prose of
a notebook. Imports are followed through the faces of packages to the modules that define the names.
"""

import ast
import hashlib
import json
from functools import cache
from pathlib import Path

import yaml

PACKAGE = "astrogan"
LIBRARY = Path(__file__).parent


def stage_code(notebook: Path) -> list[str]:
    """`name:digest` of the notebook's code and of each module of the library that it imports, directly or not."""
    code = notebook_code(notebook)
    return [f"{notebook.name}:{_digest(normalised(code))}", *_digests(imported_modules(code))]


def module_code(module: str) -> list[str]:
    """`name:digest` of a module of the library and of each that it imports, directly or not."""
    return _digests({module})


def notebook_code(path: Path) -> str:
    """The source of a notebook's code cells, without magics."""
    cells = json.loads(path.read_text())["cells"]
    code = "\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "code")
    return "\n".join("" if line.lstrip().startswith(("%", "!")) else line for line in code.splitlines())


def normalised(code: str) -> str:
    """Python `code` without comments, docstrings, formatting, and the words that describe parameters."""
    return ast.unparse(_Bare().visit(ast.parse(code)))


def imported_modules(code: str) -> set[str]:
    """The library's modules that Python `code` takes names from, at its top or inside functions."""
    return _imported(_WithoutTypeChecking().visit(ast.parse(code)))


def _imported(tree: ast.AST) -> set[str]:
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names if _file(alias.name)}
        elif isinstance(node, ast.ImportFrom) and node.module and _file(node.module):
            found |= {_home(node.module, alias.name) for alias in node.names}
    return found


def closure(modules: set[str]) -> set[str]:
    """`modules` and all that they import within the library."""
    seen: set[str] = set()
    waiting = set(modules)
    while waiting:
        name = waiting.pop()
        seen.add(name)
        waiting |= _module_imports(name) - seen
    return seen


def digest_files(root: Path, pattern: str) -> list[str]:
    """`path:digest` of the files below `root` that match, for stages that read them as they are."""
    return [
        f"{path.relative_to(root)}:{_digest(path.read_bytes())}"
        for path in sorted(root.glob(pattern))
        if path.is_file()
    ]


def folder_seen(folder: Path) -> str:
    """`files:digest` of what lies below `folder`: names and sizes, and the content of CSV manifests there and beside it.

    Names and sizes stand for content, since hashing every image at each look would take as long as some stages.
    """
    if not folder.is_dir():
        return "absent"
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    text = "\n".join(f"{path.relative_to(folder)}:{path.stat().st_size}" for path in files)
    manifests = [path for path in (folder / "manifest.csv", folder.parent / "manifest.csv") if path.is_file()]
    return f"{len(files)} files:{_digest(text + ''.join(path.read_text() for path in manifests))}"


def _digests(modules: set[str]) -> list[str]:
    return [f"{name}:{_module_digest(name)}" for name in sorted(closure(modules))]


@cache
def _module_imports(name: str) -> frozenset[str]:
    file = _file(name)
    code = file.read_text()
    # A face names under TYPE_CHECKING what it imports late.
    return frozenset(_imported(ast.parse(code)) if file.name == "__init__.py" else imported_modules(code))


@cache
def _module_digest(name: str) -> str:
    """Of a module, and of the YAML file of its name beside it, whose comments do not count either."""
    file = _file(name)
    data = file.with_suffix(".yaml")
    values = yaml.safe_load(data.read_text()) if data.is_file() else None
    return _digest(normalised(file.read_text()) + json.dumps(values, default=str))


@cache
def _home(module: str, name: str) -> str:
    """The module that defines what `from module import name` gives."""
    if _file(f"{module}.{name}"):
        return f"{module}.{name}"
    file = _file(module)
    if file.name == "__init__.py":
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.ImportFrom) and node.module and _file(node.module):
                for alias in node.names:
                    if (alias.asname or alias.name) == name:
                        return _home(node.module, alias.name)
    return module


def _file(name: str) -> Path | None:
    parts = name.split(".")
    if parts[0] != PACKAGE:
        return None
    base = LIBRARY.joinpath(*parts[1:])
    for file in (base.with_suffix(".py"), base / "__init__.py"):
        if file.is_file():
            return file
    return None


class _Bare(ast.NodeTransformer):
    """Takes out what only readers need."""

    def visit_Expr(self, node: ast.Expr) -> ast.Expr | None:
        # A string that stands alone documents what is before it.
        documents = isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
        return None if documents else self.generic_visit(node)

    def visit_Call(self, node: ast.Call) -> ast.Call:
        if isinstance(node.func, ast.Name) and node.func.id == "Field":
            node.keywords = [keyword for keyword in node.keywords if keyword.arg != "description"]
        return self.generic_visit(node)


class _WithoutTypeChecking(ast.NodeTransformer):
    """Takes out what only type checkers see."""

    def visit_If(self, node: ast.If) -> ast.AST | list[ast.stmt]:
        if isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING":
            return node.orelse
        return self.generic_visit(node)


def _digest(content: str | bytes) -> str:
    return hashlib.sha256(content.encode() if isinstance(content, str) else content).hexdigest()[:12]
