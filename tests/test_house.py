"""The files at the top of the repository agree with each other."""

import ast
import re
import tomllib
from collections import defaultdict
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest
import yaml

from astrogan.tasks.baselines import BASELINES
from tools.environment import UNLOCKED, canonical, environment, locked_requirements

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def lock():
    """Name to the exact versions of requirements.lock (more than one where Python versions need different ones)."""
    versions = {}
    for line in (ROOT / "requirements.lock").read_text().splitlines():
        match = re.fullmatch(r"([\w.-]+)(?:\[\w+\])?==([^ ;]+)(?: ; .+)?", line)
        assert match, f"requirements.lock: {line!r} is not an exact version"
        versions.setdefault(canonical(match[1]), set()).add(match[2])
    return versions


@pytest.fixture(scope="module")
def project():
    return tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]


def test_every_dependency_is_locked(lock, project):
    wanted = locked_requirements(project)
    assert {canonical(re.match(r"[\w.-]+", entry)[0]) for entry in wanted} <= lock.keys()


def test_the_lock_leaves_out_the_peers_alone(lock, project):
    extras = project["optional-dependencies"]
    (named,) = re.findall(r"^LOCKED := (.+)$", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert {*named.split()} == extras.keys() - UNLOCKED
    assert {entry.extra for entry in BASELINES.values() if entry.extra} == UNLOCKED
    assert not {canonical(name) for extra in UNLOCKED for name in extras[extra]} & lock.keys()


def test_the_lock_holds_the_pair_that_works_and_no_address(lock):
    assert (lock["torch"], lock["torchvision"]) == ({"2.11.0"}, {"0.26.0"})
    assert "://" not in (ROOT / "requirements.lock").read_text()


def test_conda_users_get_the_same_versions(project):
    expected = environment(project, (ROOT / "requirements.lock").read_text())
    assert (ROOT / "environment.yml").read_text() == expected, "run `make lock`"
    listed = yaml.safe_load(expected)["dependencies"][-1]["pip"]
    assert "torch==2.11.0" in listed


def test_the_version_stands_in_one_number(project):
    import astrogan

    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text())
    assert astrogan.__version__ == project["version"] == citation["version"]


def test_sources_name_no_machine():
    """No path of a home folder or checkout is committed in code, prose or notebooks."""
    folders = ("lib", "book", "notebooks", "workflow", "bench", "tests", "tools")
    for path in (p for folder in folders for p in (ROOT / folder).rglob("*")):
        if path.suffix in {".py", ".md", ".ipynb", ".yaml", ".yml", ".bib"} and path != Path(__file__):
            found = re.search(r"/(?:home|Users|root|work)/\w", path.read_text())
            assert not found, f"{path.relative_to(ROOT)} holds {found[0]!r}"


LIBRARY = ROOT / "lib" / "astrogan"
MODULES = {
    ".".join(("astrogan", *path.relative_to(LIBRARY).with_suffix("").parts)).removesuffix(".__init__"): path
    for path in sorted(LIBRARY.rglob("*.py"))
}

# Each room may import itself and what stands before it; rooms of one line do not import each other.
LAYERS = (
    "base",
    "files rows",
    "device run fingerprint",
    "color bicubic",
    "models data",
    "archives",
    "tasks",
    "training",
    "evaluation",
    "apply",
    "experiments",
    "report",
    "book",
    "cli",
)


def imports_of(module):
    """The modules of the library that a module imports, without what only type checkers see."""
    found, waiting = set(), [ast.parse(MODULES[module].read_text())]
    while waiting:
        node = waiting.pop()
        if not (isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"):
            waiting += ast.iter_child_nodes(node)
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {
                name if (name := f"{node.module}.{alias.name}") in MODULES else node.module for alias in node.names
            }
    return found & MODULES.keys()


def test_imports_run_one_way():
    rank = {name: number for number, names in enumerate(LAYERS) for name in names.split()}
    wrong = []
    for module in MODULES.keys() - {"astrogan"}:
        own = module.split(".")[1]
        for imported in imports_of(module) - {"astrogan"}:
            other = imported.split(".")[1]
            if own != other and rank[other] >= rank[own]:
                wrong.append(f"{module} imports {imported}")
    assert sorted(wrong) == []


def test_no_module_imports_itself_in_a_circle():
    """Imports inside functions count."""
    graph = {module: imports_of(module) for module in MODULES}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        pytest.fail(" -> ".join(error.args[1]))


def test_modules_and_folders_are_small():
    long = {module: lines for module, path in MODULES.items() if (lines := path.read_text().count("\n")) > 250}
    assert long == {}
    full = {
        str(folder.relative_to(LIBRARY)): count
        for folder in {path.parent for path in MODULES.values()}
        if (count := len(list(folder.glob("*.py")))) > 16
    }
    assert full == {}


# Each network has blocks of its own, and `paper.yaml` speaks of the paper's runs, tables, sources and histories.
SHARED_NAMES = {"ResidualBlock", "Run", "Table", "Source", "History", "Distance", "Finding", "Outcome"}


def test_each_name_means_one_thing():
    """No two public classes of one name."""
    classes = defaultdict(set)
    for module, path in MODULES.items():
        for node in ast.parse(path.read_text()).body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                classes[node.name].add(module)
    assert {name: found for name, found in classes.items() if len(found) > 1 and name not in SHARED_NAMES} == {}


def test_each_package_has_a_face():
    for module, path in MODULES.items():
        if path.name == "__init__.py" and module != "astrogan":
            assert ast.get_docstring(ast.parse(path.read_text())), f"{module} does not say what it is"


# What is spelled once: text, and the only modules that may hold it.
SPELLED_ONCE = {
    '"cuda" if': {"astrogan.device"},
    "argparse": set(),
    "0.299": {"astrogan.color.constants"},
    "/checkpoints/": set(),
    "/metrics/": set(),
    "lambda_l1": set(),
}


@pytest.mark.parametrize("text", SPELLED_ONCE)
def test_what_is_spelled_once_is_spelled_there_alone(text):
    found = {module for module, path in MODULES.items() if text in path.read_text()}
    assert found <= SPELLED_ONCE[text]


def test_what_the_repository_keeps_for_itself_is_no_part_of_the_wheel():
    for module in MODULES:
        assert not {"tools", "tests"} & {
            name.split(".")[0]
            for node in ast.walk(ast.parse(MODULES[module].read_text()))
            if isinstance(node, ast.ImportFrom)
            for name in [node.module or ""]
        }


def test_lint_stands_before_the_tests_in_what_ci_runs():
    lines = (ROOT / ".ci" / "run").read_text().splitlines()
    assert lines.index("make lint") < lines.index("make test") < lines.index("make test-book")
