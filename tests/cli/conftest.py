"""Commands run in this process, with what they print and their exit code."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from cnnstudio.cli import main
from cnnstudio.compile import compile_graph
from cnnstudio.graph import Graph, presets
from cnnstudio.project import DataChoice, Project, save_project


@dataclass(frozen=True)
class Done:
    code: int
    out: str
    err: str

    @property
    def complaint(self) -> str:
        """The one line of a command that failed."""
        lines = self.err.splitlines()
        assert len(lines) == 1, self.err
        assert lines[0].startswith("cnnstudio: ")
        assert "Traceback" not in self.err
        return lines[0].removeprefix("cnnstudio: ")


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Callable[..., Done]:
    def call(*arguments: object) -> Done:
        capsys.readouterr()
        code = main([str(each) for each in arguments])
        printed = capsys.readouterr()
        return Done(code, printed.out, printed.err)

    return call


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project with weights of its own."""
    graph = presets.load("digits-small")
    made = Project(graph=graph, data=DataChoice("digits"))
    made.keep_state_dict(compile_graph(graph, seed=7).state_dict())
    path = tmp_path / "made.cnnstudio"
    save_project(made, path)
    return path


@pytest.fixture
def broken(tmp_path: Path) -> Path:
    """A project whose drawing cannot be computed: maps arrive at a Linear layer."""
    graph = Graph()
    image = graph.add("Input", shape=(1, 8, 8))
    graph.add("Linear", image, out_features=10, name="scores")
    path = tmp_path / "broken.cnnstudio"
    save_project(Project(graph=graph), path)
    return path
