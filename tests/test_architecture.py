"""The house keeps its plan: who may import whom. Each contract is broken once, to prove that it can break."""

from __future__ import annotations

import ast
import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
CONTRACTS = {contract["id"]: contract for contract in PYPROJECT["tool"]["importlinter"]["contracts"]}
QT = {"PySide6", "pyqtgraph", "shiboken6"}

# contract, module that goes astray (made if need be), and what it must not import
BREAKS = [
    ("direction", "graph/document.py", "from cnnstudio import session"),
    ("direction", "graph/document.py", "from cnnstudio import engine"),
    ("direction", "engine/__init__.py", "from cnnstudio.data import load_dataset"),
    ("direction", "project/__init__.py", "from cnnstudio.compile import compile_graph"),
    ("direction", "session/__init__.py", "from cnnstudio.gui import app"),
    ("direction", "gui/__init__.py", "from cnnstudio import cli"),
    ("direction", "resources.py", "from cnnstudio import graph"),
    ("direction", "attic.py", "import math"),
    ("workspaces", "gui/builder/__init__.py", "from cnnstudio.gui import trainer"),
    ("workspaces", "gui/inspector/__init__.py", "from cnnstudio.gui import builder"),
    ("qt", "session/__init__.py", "from PySide6.QtCore import QTimer"),
    ("qt", "cli/__init__.py", "import pyqtgraph"),
    ("headless", "cli/training.py", "from cnnstudio.gui import app"),
    ("oracles", "engine/__init__.py", "import torch"),
    ("graph", "graph/__init__.py", "import numpy as np"),
    ("graph", "resources.py", "import platformdirs"),
    ("engine", "engine/__init__.py", "from PIL import Image"),
    ("engine", "compile.py", "import msgspec"),
    ("data", "data/__init__.py", "import msgspec"),
    ("explain", "explain/__init__.py", "from PIL import Image"),
    ("project", "project/__init__.py", "import pooch"),
    ("session", "session/__init__.py", "import safetensors"),
]


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the package and its contracts, to do wrong in."""
    folder = tmp_path_factory.mktemp("house")
    skip = shutil.ignore_patterns("__pycache__", "*.npz", "*.svg", "*.gz")
    shutil.copytree(ROOT / "cnnstudio", folder / "cnnstudio", ignore=skip)
    shutil.copy(ROOT / "pyproject.toml", folder)
    return folder


def lint(folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """Check the contracts on the package in `folder`, not on the one that is installed."""
    return subprocess.run(
        [sys.executable, "-c", "from importlinter.cli import lint_imports_command as run; run()", *options],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(folder)},
        capture_output=True,
        text=True,
        timeout=100,
    )


@pytest.mark.tools
def test_the_package_keeps_every_contract(copy: Path) -> None:
    done = lint(copy)
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"{len(CONTRACTS)} kept, 0 broken" in done.stdout


@pytest.mark.tools
@pytest.mark.parametrize(("contract", "module", "statement"), BREAKS)
def test_a_forbidden_import_inside_a_function_breaks_its_contract(
    copy: Path, contract: str, module: str, statement: str
) -> None:
    path = copy / "cnnstudio" / module
    kept = path.read_text(encoding="utf-8") if path.exists() else None
    path.write_text(f"{kept or ''}\n\ndef astray():\n    {statement}\n", encoding="utf-8")
    try:
        done = lint(copy, "--contract", contract)
    finally:
        if kept is None:
            path.unlink()
        else:
            path.write_text(kept, encoding="utf-8")
    assert done.returncode == 1, done.stdout + done.stderr
    assert f"{CONTRACTS[contract]['name']} BROKEN" in done.stdout
    assert "0 kept, 1 broken" in done.stdout


def test_every_contract_is_broken_once() -> None:
    assert {contract for contract, _, _ in BREAKS} == set(CONTRACTS)


def test_every_library_at_run_time_has_its_place() -> None:
    named = {re.match(r"[\w-]+", line)[0] for line in PYPROJECT["project"]["dependencies"]}
    modules = {{"PySide6-Essentials": "PySide6", "pillow": "PIL"}.get(name, name) for name in named}
    assert modules <= set(CONTRACTS["graph"]["forbidden_modules"])


# ---------------------------------------------------------------- what no import-linter contract can say


def imported(path: Path) -> Iterator[str]:
    """Top-level names of everything that the module imports, wherever in it."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            yield node.module.partition(".")[0]


def test_graph_imports_the_standard_library_only() -> None:
    allowed = sys.stdlib_module_names | {"cnnstudio"}
    for path in (ROOT / "cnnstudio" / "graph").rglob("*.py"):
        assert set(imported(path)) <= allowed, path


def test_tests_below_gui_import_no_qt() -> None:
    for path in (ROOT / "tests").rglob("*.py"):
        if path.relative_to(ROOT / "tests").parts[0] not in {"gui", "benchmarks"}:
            assert not QT & set(imported(path)), path


def loaded_by(code: str) -> set[str]:
    """Top-level modules that a fresh interpreter has loaded after `code`."""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", f"{code}\nimport sys\nprint(*sys.modules, sep='\\n')"],
        capture_output=True,
        text=True,
        timeout=60,
        cwd=ROOT,
    )
    assert done.returncode == 0, done.stderr
    return {name.partition(".")[0] for name in done.stdout.split()}


def test_importing_the_package_loads_nothing_heavy() -> None:
    heavy = set(CONTRACTS["graph"]["forbidden_modules"])
    assert not heavy & loaded_by("import cnnstudio, cnnstudio.resources, cnnstudio.graph")


@pytest.mark.parametrize("room", ["compile", "data", "engine", "explain", "project", "session"])
def test_rooms_below_gui_load_no_qt(room: str) -> None:
    assert not QT & loaded_by(f"import cnnstudio.{room}")


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["--help"],
        ["analyze", "lenet5-caffe"],
        ["analyze", "lenet5-caffe", "--format", "json"],
        ["data", "list"],
        ["train", "digits-small", "--data", "nowhere/at/all"],
        ["inspect", "nowhere.cnnstudio", "nothing.png"],
    ],
    ids=" ".join,
)
def test_commands_without_a_screen_load_no_qt(arguments: list[str]) -> None:
    call = f"main({arguments})" if arguments else "pass"
    code = f"from cnnstudio.cli import main\ntry:\n    {call}\nexcept SystemExit:\n    pass"
    assert not QT & loaded_by(code)
