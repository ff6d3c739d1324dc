"""What is handed out: the commands of the README, the requirements, and what lies in a wheel."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
import zipfile
from importlib.metadata import entry_points
from pathlib import Path

import pytest
from packaging.markers import default_environment
from packaging.requirements import Requirement

import cnnstudio
from cnnstudio.gui.preflight import DEBIAN_PACKAGES
from cnnstudio.resources import resource_path, sample_images_dir

ROOT = Path(__file__).resolve().parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def pyside_admits(version: str, python: str) -> bool:
    """Whether pip, on that Python, may install that PySide6."""
    environment = default_environment() | {"python_version": python}
    lines = [Requirement(line) for line in PROJECT["dependencies"] if line.startswith("PySide6-Essentials")]
    applicable = [line for line in lines if line.marker.evaluate(environment)]
    assert len(applicable) == 1
    return version in applicable[0].specifier


@pytest.mark.parametrize("version", ["6.8.0", "6.10.2", "6.11.2", "6.11.3"])
@pytest.mark.parametrize("python", ["3.11", "3.12", "3.13", "3.14"])
def test_sound_builds_of_pyside_are_admitted(version: str, python: str) -> None:
    assert pyside_admits(version, python)


@pytest.mark.parametrize("version", ["6.7.3", "6.11.0", "6.11.1"])
@pytest.mark.parametrize("python", ["3.11", "3.12", "3.14"])
def test_faulty_builds_of_pyside_are_not(version: str, python: str) -> None:
    assert not pyside_admits(version, python)


def test_the_leaking_build_of_pyside_is_kept_from_python_311_only() -> None:
    assert not pyside_admits("6.12.0", "3.11")
    assert pyside_admits("6.12.0", "3.12")


def test_the_command_hands_over_to_cli() -> None:
    (command,) = entry_points(group="console_scripts", name="cnnstudio")
    assert command.value == "cnnstudio.cli:main"


def test_version_and_changelog_agree() -> None:
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert re.search(r"^## (\S+)$", changelog, re.MULTILINE)[1] == cnnstudio.__version__


# ---------------------------------------------------------------- the README


def command(name: str) -> str:
    """The one line of the README's code block below `<!-- command: name -->`, as .ci/run reads it."""
    (line,) = re.findall(rf"<!-- command: {name} -->\n```sh\n(.+)\n```\n", README)
    return line


@pytest.mark.parametrize(("name", "last"), [("open", ".venv/bin/cnnstudio"), ("tests", ".venv/bin/python -m pytest")])
def test_each_command_of_the_readme_does_its_whole_set_up(name: str, last: str) -> None:
    steps = command(name).split(" && ")
    assert steps[0] == "python3 -m venv .venv"
    assert steps[1].startswith(".venv/bin/pip install --editable ")
    assert steps[2:] == [last]


def test_readme_and_program_name_the_same_libraries() -> None:
    assert command("libraries") == f"apt-get install -y {DEBIAN_PACKAGES}"


@pytest.mark.parametrize("page", ["README.md", "CONTRIBUTING.md", "ARCHITECTURE.md", "CHANGELOG.md"])
def test_links_between_pages_lead_somewhere(page: str) -> None:
    text = (ROOT / page).read_text(encoding="utf-8")
    targets = [link for link in re.findall(r"\]\(([^)#]+)\)", text) if "://" not in link]
    assert [link for link in targets if not (ROOT / link).exists()] == []


# ---------------------------------------------------------------- files that ship


def test_shipped_files_are_found_in_a_checkout() -> None:
    assert resource_path("icons").is_dir()
    assert resource_path() == resource_path("icons").parent
    assert (sample_images_dir() / "README.md").is_file()


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    from hatchling.builders.wheel import WheelBuilder

    folder = tmp_path_factory.mktemp("wheel")
    (path,) = WheelBuilder(str(ROOT)).build(directory=str(folder), versions=["standard"])
    with zipfile.ZipFile(path) as archive:
        yield archive


@pytest.mark.tools
def test_a_wheel_carries_the_package_its_resources_and_nothing_else(wheel: zipfile.ZipFile) -> None:
    names = set(wheel.namelist())
    assert {"cnnstudio/py.typed", "cnnstudio/_sample_images/README.md"} <= names
    assert {name.partition("/")[0] for name in names} == {"cnnstudio", f"cnnstudio-{cnnstudio.__version__}.dist-info"}
    for folder, packaged in ((resource_path(), "_resources"), (sample_images_dir(), "_sample_images")):
        inside = {name for name in names if name.startswith(f"cnnstudio/{packaged}/")}
        expected = {
            f"cnnstudio/{packaged}/{path.relative_to(folder).as_posix()}"
            for path in folder.rglob("*")
            if path.is_file()
            and path.suffix != ".py"
            and "screenshots" not in path.parts
            and "__pycache__" not in path.parts
        }
        assert inside == expected


@pytest.mark.tools
def test_shipped_files_are_found_in_a_wheel(wheel: zipfile.ZipFile, tmp_path: Path) -> None:
    wheel.extractall(tmp_path)
    code = (
        "import cnnstudio, cnnstudio.resources as r\n"
        "print(cnnstudio.__file__, r.resource_path('icons'), r.sample_images_dir(), sep='\\n')"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=os.environ | {"PYTHONPATH": str(tmp_path)},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
    )
    package, icons, samples = (Path(line) for line in done.stdout.splitlines())
    assert package == tmp_path / "cnnstudio" / "__init__.py"
    assert icons == tmp_path / "cnnstudio" / "_resources" / "icons"
    assert samples == tmp_path / "cnnstudio" / "_sample_images"
    assert icons.is_dir()
    assert samples.is_dir()


@pytest.mark.tools
def test_a_wheel_made_from_the_source_archive_is_the_same(wheel: zipfile.ZipFile, tmp_path: Path) -> None:
    import tarfile

    from hatchling.builders.sdist import SdistBuilder
    from hatchling.builders.wheel import WheelBuilder

    (archive,) = SdistBuilder(str(ROOT)).build(directory=str(tmp_path), versions=["standard"])
    with tarfile.open(archive) as tar:
        # Debian's 3.11.2 does not know filters yet; the archive is our own.
        tar.extractall(tmp_path / "source", **({"filter": "data"} if hasattr(tarfile, "data_filter") else {}))
    (source,) = (tmp_path / "source").iterdir()
    (second,) = WheelBuilder(str(source)).build(directory=str(tmp_path), versions=["standard"])
    with zipfile.ZipFile(second) as again:
        assert sorted(again.namelist()) == sorted(wheel.namelist())
