"""Files from other times: older ones are brought forward, newer ones are opened carefully, and nothing is lost."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from cnnstudio.compile import compile_graph
from cnnstudio.data import load_dataset
from cnnstudio.engine import TrainingConfig
from cnnstudio.graph import ProblemCode, analyze
from cnnstudio.graph.commands import Rename
from cnnstudio.project import ProjectError, open_project, save_project
from cnnstudio.project.files import to_parts
from cnnstudio.project.migrations import FORMAT_VERSION, MIGRATIONS, Contents, migrate

Write = Callable[..., Path]

VERSION_1 = Path(__file__).parent / "data" / "version-1.cnnstudio"
NEXT = FORMAT_VERSION + 1


@pytest.fixture
def write(sound_parts: dict[str, bytes], tmp_path: Path) -> Write:
    """write(edit, **parts): a sound file whose document went through `edit`, with more parts."""

    def build(edit: Callable[[dict[str, Any]], object] = lambda document: None, **more: bytes) -> Path:
        document = json.loads(sound_parts["project.json"])
        edit(document)
        file = io.BytesIO()
        with zipfile.ZipFile(file, "w") as archive:
            for name, content in {**sound_parts, "project.json": json.dumps(document).encode(), **more}.items():
                archive.writestr(name, content)
        path = tmp_path / "other.cnnstudio"
        path.write_bytes(file.getvalue())
        return path

    return build


def document_of(path: Path) -> dict[str, Any]:
    with zipfile.ZipFile(path) as archive:
        return json.loads(archive.read("project.json"))


class TestOlderVersions:
    def test_a_file_of_version_1_opens_as_it_was(self) -> None:
        """Written by the last CNN Studio of that version: trained with Nesterov's momentum on the SVM loss."""
        assert document_of(VERSION_1)["version"] == 1
        project = open_project(VERSION_1)
        assert not project.read_only
        assert project.title == "Of version 1"
        assert project.training == TrainingConfig(
            2, 128, "sgd", 0.05, momentum=0.8, nesterov=True, weight_decay=1e-4, loss="svm", seed=7
        )
        assert [node.name for node in project.graph.nodes.values()][1] == "conv1"
        assert project.history.test.test_accuracy == pytest.approx(0.4735376)
        assert len(project.history.iterations) == 22
        net = compile_graph(project.graph)
        net.load_state_dict(project.state_dict())
        test = load_dataset("digits", seed=7).test
        right = net.predict(test.images).argmax(axis=1) == test.labels
        assert right.mean() == pytest.approx(project.history.test.test_accuracy)

    def test_a_file_of_version_1_is_saved_as_this_version(self, tmp_path: Path) -> None:
        old = open_project(VERSION_1)
        save_project(old, tmp_path / "new.cnnstudio")
        document = document_of(tmp_path / "new.cnnstudio")
        assert document["version"] == FORMAT_VERSION
        assert document["training"]["schedule"] == "constant"
        assert to_parts(open_project(tmp_path / "new.cnnstudio")) == to_parts(old)

    @pytest.mark.parametrize("training", [None, [], "fast", {"epochs": "many"}])
    def test_settings_of_version_1_that_are_none_are_refused_as_ever(self, write: Write, training: object) -> None:
        path = write(lambda document: document.update(version=1, training=training))
        with pytest.raises(ProjectError, match=r"in its part “?.project.json.*training"):
            open_project(path)

    def test_what_version_1_did_not_know_means_nothing_in_its_files(self, write: Write) -> None:
        def edit(document: dict[str, Any]) -> None:
            document["version"] = 1
            document["training"]["schedule"] = "cosine"

        assert open_project(write(edit)).training.schedule == "constant"

    def test_every_version_before_this_one_has_its_step(self) -> None:
        assert sorted(MIGRATIONS) == list(range(1, FORMAT_VERSION))

    def test_a_file_goes_through_each_step_in_turn(self, write: Write) -> None:
        seen = []

        def titles_were_names(contents: Contents) -> Contents:
            seen.append(contents.document["version"])
            document = dict(contents.document)
            document["title"] = document.pop("name")
            return replace(contents, document=document)

        def biases_were_doubled(contents: Contents) -> Contents:
            seen.append(contents.document["version"])
            weights = {name: array / 2 if name.endswith(".bias") else array for name, array in contents.weights.items()}
            return replace(contents, weights=weights)

        def edit(document: dict[str, Any]) -> None:
            document["name"] = document.pop("title").upper()

        path = write(edit)
        before = path.read_bytes()
        steps = {FORMAT_VERSION: titles_were_names, FORMAT_VERSION + 1: biases_were_doubled}
        project = open_project(path, steps=steps, version=FORMAT_VERSION + 2)
        assert path.read_bytes() == before, "opening migrates what was read, not the file"
        assert seen == [FORMAT_VERSION, FORMAT_VERSION + 1]
        assert project.title == "DIGITS"
        assert not project.read_only
        as_it_was = open_project(write())
        np.testing.assert_array_equal(project.state_dict()["conv1.bias"], as_it_was.state_dict()["conv1.bias"] / 2)
        np.testing.assert_array_equal(project.state_dict()["conv1.weight"], as_it_was.state_dict()["conv1.weight"])

    def test_a_file_of_this_version_takes_no_step(self) -> None:
        contents = Contents({"version": 3}, {}, {})
        assert migrate(contents, 3, {}, 3) is contents

    def test_the_steps_begin_where_the_file_is(self) -> None:
        def step(contents: Contents) -> Contents:
            return replace(contents, document={**contents.document, "touched": True})

        migrated = migrate(Contents({"version": 2}, {}, {}), 2, {2: step}, 3)
        assert migrated.document == {"version": 3, "touched": True}


class TestNewerVersions:
    def test_one_that_can_be_understood_opens_read_only(self, write: Write) -> None:
        def edit(document: dict[str, Any]) -> None:
            document.update(version=NEXT, cloud={"owner": "me"})
            document["training"]["patience_of_the_user"] = "endless"
            document["graph"]["nodes"][1]["colour"] = "red"

        project = open_project(write(edit))
        assert project.read_only
        assert project.read_only_reason == (
            f"It was written by a newer version of CNN Studio (format {NEXT}; this one writes {FORMAT_VERSION})."
        )
        assert project.title == "Digits"

    def test_it_is_not_written_over(self, write: Write, fingerprint: Callable[[Path], str]) -> None:
        path = write(lambda document: document.update(version=NEXT))
        before = fingerprint(path)
        project = open_project(path)
        for same in (path, path.parent / "." / path.name):
            with pytest.raises(ProjectError, match="is read-only: It was written by a newer version"):
                save_project(project, same)
        assert fingerprint(path) == before

    def test_but_may_be_saved_under_another_name(self, write: Write, tmp_path: Path) -> None:
        project = open_project(write(lambda document: document.update(version=NEXT)))
        save_project(project, tmp_path / "copy.cnnstudio")
        copy = open_project(tmp_path / "copy.cnnstudio")
        assert not copy.read_only
        assert copy.graph == project.graph

    def test_one_beyond_understanding_asks_for_an_update(self, write: Write) -> None:
        path = write(lambda document: document.update(version=99, graph=[]))
        with pytest.raises(
            ProjectError, match=r"newer version .* \(format 99; this one writes \d+\)\. Update CNN Studio"
        ):
            open_project(path)


class TestWhatThisVersionDoesNotKnow:
    @staticmethod
    def with_a_capsule(document: dict[str, Any]) -> None:
        """The second convolution becomes a kind of the future, fed twice and once not at all."""
        node = document["graph"]["nodes"][3]
        node.update(kind="Capsule", params={"routes": [1, [2, 3]], "table": {"a": None}, "soft": True})
        node["inputs"] = ["relu_1", None, "conv2d_1"]

    def test_an_unknown_kind_becomes_a_placeholder_with_a_problem(self, write: Write) -> None:
        graph = open_project(write(self.with_a_capsule)).graph
        assert not graph.knows("conv2d_2")
        (problem,) = analyze(graph)["conv2d_2"].problems
        assert problem.code is ProblemCode.UNKNOWN_KIND
        assert problem.message == "conv2: This version of CNN Studio does not know the layer kind Capsule."
        assert analyze(graph)["relu_2"].output_shape is None

    def test_it_is_written_back_as_it_was(self, write: Write, tmp_path: Path) -> None:
        path = write(self.with_a_capsule)
        project = open_project(path)
        Rename("conv2d_1", "stem").do(project.graph)
        project.graph.remove("linear_2")
        save_project(project, tmp_path / "again.cnnstudio")
        before, after = document_of(path), document_of(tmp_path / "again.cnnstudio")
        assert after["graph"]["nodes"][3] == before["graph"]["nodes"][3]

    def test_its_weights_are_kept(self, write: Write, tmp_path: Path) -> None:
        project = open_project(write(self.with_a_capsule))
        save_project(project, tmp_path / "again.cnnstudio")
        again = open_project(tmp_path / "again.cnnstudio")
        np.testing.assert_array_equal(
            again.state_dict()["conv2.weight"], open_project(write()).state_dict()["conv2.weight"]
        )

    def test_unknown_sections_and_parts_are_written_back(self, write: Write, tmp_path: Path) -> None:
        path = write(lambda document: document.update(notes={"text": "hello", "pages": [1, 2]}), **{"a/b.txt": b"kept"})
        project = open_project(path)
        assert project.extras.sections == {"notes": {"text": "hello", "pages": [1, 2]}}
        project.graph.remove("linear_2")
        save_project(project, tmp_path / "again.cnnstudio")
        assert document_of(tmp_path / "again.cnnstudio")["notes"] == {"text": "hello", "pages": [1, 2]}
        assert open_project(tmp_path / "again.cnnstudio").extras == project.extras

    def test_missing_optional_sections_take_their_defaults(self, write: Write) -> None:
        def edit(document: dict[str, Any]) -> None:
            del document["history"], document["view"], document["training"]["momentum"]
            del document["graph"]["nodes"][0]["position"]

        project = open_project(write(edit))
        assert project.view == {}
        assert project.training.momentum == 0.9
        assert project.graph.node("input_1").position is None
