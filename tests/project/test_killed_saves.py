"""A save that is killed leaves the old file or the new one, never a part of either."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from cnnstudio.project import open_project

SAVES = 25

# One process that has everything loaded forks a child for each trial; the child saves versions 1, 2, 3, ... of a
# project over version 0 until it is killed, at a moment that chance chooses.
NURSERY = """
import os, random, signal, sys, time
from pathlib import Path
import numpy as np
from cnnstudio.graph import presets
from cnnstudio.project import Project, TrainingHistory, expected_shapes, save_project

def project(version):
    graph = presets.load("lenet5-caffe")
    return Project(
        graph=graph,
        title=f"version {version}",
        weights={
            node_id: {name: np.full(shape, version, np.float32) for name, shape in shapes.items()}
            for node_id, shapes in expected_shapes(graph).items()
        },
        history=TrainingHistory(np.arange(1, 1001), np.full(1000, version, float), np.full(1000, version, float)),
    )

folder, trials = Path(sys.argv[1]), int(sys.argv[2])
versions = [project(version) for version in range(60)]
chance = random.Random(int(sys.argv[3]))
for trial in range(trials):
    path = folder / f"{trial}.cnnstudio"
    save_project(versions[0], path)
    begin, begun = os.pipe()
    child = os.fork()
    if child == 0:
        os.write(begun, b"!")
        while True:
            for version in versions[1:]:
                save_project(version, path)
    os.read(begin, 1)
    time.sleep(chance.uniform(0, 0.05))
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    os.close(begin), os.close(begun)
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork and SIGKILL")
def test_25_saves_killed_at_random_moments_leave_25_readable_files(tmp_path: Path) -> None:
    folder = tmp_path / "projects"
    folder.mkdir()
    subprocess.run(
        [sys.executable, "-c", NURSERY, str(folder), str(SAVES), str(np.random.SeedSequence().entropy)],
        check=True,
        timeout=100,
    )
    paths = sorted(folder.glob("*.cnnstudio"))
    assert len(paths) == SAVES
    found = set()
    for path in paths:
        project = open_project(path)
        version = int(project.title.removeprefix("version "))
        arrays = project.state_dict()
        assert len(arrays) == 8
        assert all((array == version).all() for array in arrays.values())
        assert (project.history.losses == version).all()
        found.add(version)
    assert len(found) > 1, "the kills came at different moments"
    assert list(folder.glob(".*.tmp")), "some of them came in the middle of writing"
