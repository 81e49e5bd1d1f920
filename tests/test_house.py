"""The files at the top of the repository agree with each other."""

import ast
import re
import tomllib
from pathlib import Path

import pytest
import yaml

from tools.environment import canonical, environment

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
    wanted = [
        *project["dependencies"],
        *(name for extra in project["optional-dependencies"].values() for name in extra),
    ]
    assert {canonical(re.match(r"[\w.-]+", entry)[0]) for entry in wanted} <= lock.keys()


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
    folders = ("lib", "book", "notebooks", "workflow", "bench", "tests")
    for path in (p for folder in folders for p in (ROOT / folder).rglob("*")):
        if path.suffix in {".py", ".md", ".ipynb", ".yaml", ".yml", ".bib"} and path != Path(__file__):
            found = re.search(r"/(?:home|Users|root|work)/\w", path.read_text())
            assert not found, f"{path.relative_to(ROOT)} holds {found[0]!r}"


# Each may import itself and what stands before it.
LAYERS = (
    "base files device run fingerprint",
    "color",
    "models data archives",
    "tasks",
    "training",
    "evaluation apply",
    "experiments",
    "report book",
    "cli",
)


def test_imports_run_one_way():
    rank = {name: number for number, names in enumerate(LAYERS) for name in names.split()}
    wrong = []
    for path in sorted((ROOT / "lib" / "astrogan").rglob("*.py")):
        own = path.relative_to(ROOT / "lib" / "astrogan").parts[0].removesuffix(".py")
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("astrogan."):
                other = node.module.split(".")[1]
                if own in rank and rank[other] > rank[own]:
                    wrong.append(f"{path.relative_to(ROOT)} imports {node.module}")
    assert wrong == []
