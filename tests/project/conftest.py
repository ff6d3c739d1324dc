"""Projects to write and damage."""

from __future__ import annotations

import hashlib
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from cnnstudio.engine.events import EpochDone, RunDone
from cnnstudio.graph import presets
from cnnstudio.project import Project, TrainingHistory, expected_shapes, save_project


def fresh_project(preset: str = "digits-small", seed: int = 0) -> Project:
    """A trained project: weights for every layer, and a history of two epochs."""
    graph = presets.load(preset)
    rng = np.random.default_rng(seed)
    return Project(
        graph=graph,
        title="Digits",
        weights={
            node_id: {name: rng.standard_normal(shape).astype(np.float32) for name, shape in shapes.items()}
            for node_id, shapes in expected_shapes(graph).items()
            if shapes
        },
        history=TrainingHistory(
            iterations=np.arange(1, 7),
            losses=rng.random(6),
            accuracies=rng.random(6),
            epochs=(EpochDone(1, 3, 1.5, 0.4, 1.4, 0.45), EpochDone(2, 6, 0.9, 0.7, None, None)),
            test=RunDone(2, 6, 0.8, 0.75),
        ),
        view={"workspace": "train", "zoom": 1.25, "open": ["conv2d_1", None, True]},
    )


@pytest.fixture
def project() -> Project:
    return fresh_project()


@pytest.fixture(scope="session")
def make_project() -> Callable[..., Project]:
    """make_project(preset, seed): a project of its own."""
    return fresh_project


@pytest.fixture(scope="session")
def sound_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project on disk. Copy it before damaging it."""
    path = tmp_path_factory.mktemp("sound") / "sound.cnnstudio"
    save_project(fresh_project(), path)
    return path


@pytest.fixture(scope="session")
def sound_bytes(sound_file: Path) -> bytes:
    return sound_file.read_bytes()


@pytest.fixture(scope="session")
def sound_parts(sound_file: Path) -> dict[str, bytes]:
    """The parts of a sound project file, by name."""
    with zipfile.ZipFile(sound_file) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


@pytest.fixture(scope="session")
def fingerprint() -> Callable[[Path], str]:
    """SHA-256 of a file's content."""
    return lambda path: hashlib.sha256(path.read_bytes()).hexdigest()
