"""The question turned round: what gives this size, or this field of view? Every answer is tried, and is exact."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cnnstudio.graph import (
    Answer,
    Graph,
    GraphError,
    Severity,
    UnknownNodeError,
    Wanted,
    analyze,
    no_answer,
    presets,
    solve,
)
from tests.graph.networks import networks


def layer(kind: str, shape: tuple[int, ...], **params: object) -> tuple[Graph, str]:
    graph = Graph()
    return graph, graph.add(kind, graph.add("Input", shape=shape), name="it", **params)


def tried(graph: Graph, wanted: Wanted, answer: Answer) -> None:
    """An answer must do what it says: the figure, the preview, and one step that can be undone."""
    before, after = analyze(graph), graph.copy()
    answer.command.do(after)
    report = analyze(after)
    row = report[answer.node_id]
    assert (row.output_shape, row.receptive_field) == (answer.output_shape, answer.receptive_field)
    if wanted.output_size is not None:
        size = wanted.output_size
        assert answer.output_shape[1:] == (size if isinstance(size, tuple) else (size, size))
    if wanted.receptive_field is not None:
        least = wanted.receptive_field
        assert answer.receptive_field is not None
        both = least if isinstance(least, tuple) else (least, least)
        assert all(has >= each for has, each in zip(answer.receptive_field.size, both, strict=True))
    assert (report.parameters, report.macs) == (answer.parameters, answer.macs)
    assert answer.parameters_added == report.parameters - before.parameters
    assert answer.macs_added == report.macs - before.macs
    assert set(answer.new_problems) <= set(report.problems)
    assert not set(answer.new_problems) & set(before.problems)
    if not answer.new_problems:
        assert {each.message for each in report.problems} <= {each.message for each in before.problems}
    answer.command.undo(after)
    assert after == graph


def answers(graph: Graph, node_id: str, wanted: Wanted) -> list[Answer]:
    """All answers, each of them tried."""
    state, found = graph.state, solve(graph, node_id, wanted)
    assert graph.state == state, "asking changes nothing"
    for answer in found:
        tried(graph, wanted, answer)
    broken = [bool(answer.new_problems) for answer in found]
    assert broken == sorted(broken), "first what breaks nothing"
    return list(found)


def texts(graph: Graph, node_id: str, wanted: Wanted) -> list[str]:
    return [answer.text for answer in answers(graph, node_id, wanted)]


class TestASize:
    def test_of_half_the_picture(self) -> None:
        graph, conv = layer("Conv2d", (3, 32, 32), out_channels=10, kernel_size=5, padding=2)
        first, *others = answers(graph, conv, Wanted(output_size=16))
        assert first.text == "Set stride to 2"
        assert first.changes == {"stride": 2}
        assert first.output_shape == (10, 16, 16)
        assert (first.parameters, first.macs) == (760, 768_000 // 4)
        assert (first.parameters_added, first.macs_added) == (0, -576_000)
        assert [each.text for each in others] == [
            "Set dilation to 5",
            "Set kernel_size to 21",
            "Set dilation to 4 and padding to 0",
        ]

    def test_by_padding_uneven_only_where_no_even_one_fits(self) -> None:
        graph, conv = layer("Conv2d", (3, 32, 32), out_channels=10, kernel_size=5, padding=2)
        assert texts(graph, conv, Wanted(output_size=30))[0] == "Set padding to 1"
        assert texts(graph, conv, Wanted(output_size=31))[0] == "Set padding to (1, 2, 1, 2)"
        assert texts(graph, conv, Wanted(output_size=(30, 31)))[0] == "Set padding to (1, 1, 1, 2)"

    def test_by_two_changes_at_once(self) -> None:
        graph, conv = layer("Conv2d", (3, 32, 32), out_channels=10, kernel_size=3)
        found = answers(graph, conv, Wanted(output_size=16))
        assert {"stride": 2, "padding": 1} in [each.changes for each in found]

    def test_of_the_lecture_s_exercise_takes_55_layers(self) -> None:
        graph, conv = layer("Conv2d", (3, 224, 224), out_channels=3, kernel_size=5)
        found = answers(graph, conv, Wanted(output_size=4))
        chain = next(each for each in found if "layers" in each.changes)
        assert chain.text == "Add 54 more layers like it behind it, 55 in all"
        assert chain.changes == {"layers": 54}
        assert chain.output_shape == (3, 4, 4)
        assert chain.parameters == 55 * 3 * (3 * 25 + 1)

    @pytest.mark.parametrize(
        ("kind", "params", "size", "expected"),
        [
            ("MaxPool2d", {"kernel_size": 2}, 6, "Set kernel_size to 4"),
            ("ConvTranspose2d", {"out_channels": 2, "kernel_size": 2, "stride": 2}, 49, "Set output_padding to 1"),
            ("Upsample", {"scale_factor": 2}, 72, "Set scale_factor to 3"),
            ("AdaptiveAvgPool2d", {"output_size": 2}, 3, "Set output_size to 3"),
            ("Pad2d", {"padding": 1}, 30, "Set padding to 3"),
        ],
    )
    def test_is_found_for_every_kind_that_changes_sizes(
        self, kind: str, params: dict[str, object], size: int, expected: str
    ) -> None:
        graph, node = layer(kind, (4, 24, 24), **params)
        assert expected in texts(graph, node, Wanted(output_size=size))

    def test_mends_a_layer_that_does_not_fit(self) -> None:
        graph, conv = layer("Conv2d", (3, 4, 4), out_channels=2, kernel_size=9)
        assert "Set kernel_size to 3" in texts(graph, conv, Wanted(output_size=2))

    def test_says_what_it_breaks_further_on(self) -> None:
        graph = presets.load("resnet20-cifar10")
        found = answers(graph, "conv2d_2", Wanted(output_size=16))
        assert found
        assert all(any(each.severity is Severity.ERROR for each in answer.new_problems) for answer in found)
        assert "add" in found[0].new_problems[0].message


class TestAFieldOfView:
    @pytest.fixture
    def graph(self) -> Graph:
        return presets.load("lenet5-caffe")

    def test_comes_from_dilation_kernels_layers_and_strides_before(self, graph: Graph) -> None:
        found = answers(graph, "conv2d_2", Wanted(receptive_field=20))
        by_text = {each.text: each for each in found}
        assert by_text["Set dilation to 2"].receptive_field.size == (22, 22)
        assert by_text["Set kernel_size to 8"].receptive_field.size == (20, 20)
        assert by_text["Set dilation to 2 and padding to 2"].output_shape == (50, 8, 8)
        assert by_text["Add 1 more layer like conv2 behind it, 2 in all"].changes == {"layers": 1}
        assert by_text["Set stride of pool1 to 4"].changes == {"pool1.stride": 4}
        assert by_text["Set stride of conv1 to 2"].new_problems

    def test_of_64_from_a_pixel(self) -> None:
        graph, conv = layer("Conv2d", (3, 96, 96), out_channels=3, kernel_size=3, padding=1)
        found = answers(graph, conv, Wanted(receptive_field=64))
        assert {"layers": 31} in [each.changes for each in found]
        assert {"dilation": 32, "padding": 32} in [each.changes for each in found]

    def test_of_height_and_width_apart(self) -> None:
        graph, conv = layer("Conv2d", (3, 32, 32), out_channels=3, kernel_size=3)
        assert "Set kernel_size to (5, 9)" in texts(graph, conv, Wanted(receptive_field=(5, 9)))

    def test_of_an_activation_comes_from_the_strides_before_it(self, graph: Graph) -> None:
        relu = graph.add("ReLU", "maxpool2d_1")
        assert texts(graph, relu, Wanted(receptive_field=7)) == ["Set stride of conv1 to 2"]


class TestNothing:
    def test_to_do_is_said(self) -> None:
        graph, conv = layer("Conv2d", (3, 32, 32), out_channels=10, kernel_size=5, padding=2)
        assert solve(graph, conv, Wanted(output_size=32)) == ()
        assert no_answer(graph, conv, Wanted(output_size=32)) == "it gives 32 × 32 already."
        assert no_answer(graph, conv, Wanted(receptive_field=4)) == "it sees at least 4 × 4 already."

    def test_found_is_explained(self) -> None:
        graph, up = layer("Upsample", (3, 7, 7), scale_factor=2)
        assert solve(graph, up, Wanted(output_size=15)) == ()
        assert no_answer(graph, up, Wanted(output_size=15)) == (
            "No scale factor was found with which it gives 15 × 15."
        )

    def test_to_change_is_explained(self) -> None:
        graph, relu = layer("ReLU", (3, 7, 7))
        assert no_answer(graph, relu, Wanted(output_size=5)) == "it has no size to change; ask the layer before it."


class TestQuestionsThatMakeNoSense:
    @pytest.mark.parametrize("wanted", [Wanted(), Wanted(output_size=3, receptive_field=3)])
    def test_nothing_or_both_wanted(self, wanted: Wanted) -> None:
        with pytest.raises(GraphError, match="one of the two"):
            solve(*layer("Conv2d", (3, 7, 7), out_channels=1, kernel_size=3), wanted)

    @pytest.mark.parametrize("size", [0, -3, 70_000, (3, 0), (1, 2, 3), True, 2.5, "16"])
    def test_sizes_that_are_none(self, size: object) -> None:
        with pytest.raises(GraphError, match="whole number from 1 to 65536"):
            solve(*layer("Conv2d", (3, 7, 7), out_channels=1, kernel_size=3), Wanted(output_size=size))  # type: ignore[arg-type]

    def test_vectors(self) -> None:
        with pytest.raises(GraphError, match="it works on a vector"):
            solve(*layer("Linear", (7,), out_features=3), Wanted(output_size=3))
        with pytest.raises(GraphError, match="it works on a vector"):
            solve(*layer("Flatten", (3, 7, 7)), Wanted(output_size=3))

    def test_layers_behind_a_fault_and_the_input(self) -> None:
        graph, linear = layer("Linear", (3, 7, 7), out_features=3)
        relu = graph.add("ReLU", linear, name="behind")
        with pytest.raises(GraphError, match="behind: what arrives is not known"):
            solve(graph, relu, Wanted(output_size=3))
        with pytest.raises(GraphError, match="where the picture comes in"):
            solve(graph, "input_1", Wanted(output_size=3))
        with pytest.raises(UnknownNodeError):
            solve(graph, "ghost", Wanted(output_size=3))

    def test_fields_that_do_not_exist(self) -> None:
        graph, up = layer("Upsample", (3, 7, 7), scale_factor=2)
        with pytest.raises(GraphError, match=r"it has no single receptive field\. it: it makes"):
            solve(graph, up, Wanted(receptive_field=9))


@settings(deadline=None, max_examples=60)
@given(graph=networks(6).filter(lambda graph: len(graph) > 1), data=st.data())
def test_every_answer_for_any_network_is_exact(graph: Graph, data: st.DataObject) -> None:
    report = analyze(graph)
    node = data.draw(st.sampled_from([row for row in report if row.input_shapes]))
    size = data.draw(st.integers(1, 30) | st.tuples(st.integers(1, 30), st.integers(1, 30)))
    wanted = Wanted(output_size=size) if data.draw(st.booleans()) else Wanted(receptive_field=size)
    try:
        found = answers(graph, node.id, wanted)
    except GraphError:
        arrived, seen = node.input_shapes[0], node.receptive_field
        assert len(arrived) == 1 or len(node.output_shape) == 1 or seen is None
        return
    if not found:
        assert no_answer(graph, node.id, wanted).endswith(".")
