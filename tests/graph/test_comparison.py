"""Two networks side by side: pairs as a person would draw them, and every figure that differs."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings

from cnnstudio.graph import Comparison, Difference, Graph, GraphState, Node, Pair, alignment, analyze, compare, presets
from tests.graph.drawings import drawings


def names(found: Comparison) -> list[tuple[str | None, str | None]]:
    return [(pair.left and pair.left.name, pair.right and pair.right.name) for pair in found]


def find(found: Comparison, name: str) -> Pair:
    """The pair of the layer with that name in the second network."""
    return next(pair for pair in found if pair.right is not None and pair.right.name == name)


def figures(pair: Pair) -> dict[str, tuple[object, object]]:
    return {each.figure: (each.before, each.after) for each in pair.differences}


class TestAlignment:
    def test_lenets_pair_layer_by_layer_and_the_relus_between_are_added(self):
        found = compare(presets.load("lenet5-caffe"), presets.load("lenet5-cs231n"))
        assert names(found) == [
            ("input", "input"),
            ("conv1", "conv1"),
            (None, "relu1"),
            ("pool1", "pool1"),
            ("conv2", "conv2"),
            (None, "relu2"),
            ("pool2", "pool2"),
            ("flatten1", "flatten1"),
            ("fc1", "fc1"),
            ("relu1", "relu3"),
            ("fc2", "fc2"),
        ]

    def test_vgg19_has_a_fourth_convolution_in_each_of_the_last_three_stages(self):
        found = compare(presets.load("vgg16"), presets.load("vgg19"))
        added = [pair.right.name for pair in found if pair.change == "added"]
        assert added == ["conv8", "relu8", "conv12", "relu12", "conv16", "relu16"]
        assert not [pair for pair in found if pair.change == "removed"]
        # Stages stay together although their layers are numbered otherwise.
        assert ("conv8", "conv9") in names(found)
        assert all(pair.left.output_shape == pair.right.output_shape for pair in found if pair.left and pair.right)

    def test_resnet101_lacks_whole_blocks_of_resnet152_though_both_number_theirs_alike(self):
        found = compare(presets.load("resnet152"), presets.load("resnet101"))
        removed = [pair.left.output_shape for pair in found if pair.change == "removed"]
        assert removed.count((256, 14, 14)) == 13 * 6
        assert removed.count((1024, 14, 14)) == 13 * 4
        assert len(removed) == 17 * 10 == len(found.rows) - 346
        for left, right in ((pair.left, pair.right) for pair in found if pair.change != "removed"):
            assert (left.kind, left.output_shape, left.weights) == (right.kind, right.output_shape, right.weights)

    def test_resnet34_has_whole_blocks_more_at_the_end_of_each_stage(self):
        found = compare(presets.load("resnet18"), presets.load("resnet34"))
        added = [pair.right for pair in found if pair.change == "added"]
        block = ["Conv2d", "BatchNorm", "ReLU", "Conv2d", "BatchNorm", "Add", "ReLU"]
        assert [row.kind for row in added] == 8 * block
        sizes = [row.output_shape for row in added]
        assert sizes == 7 * [(64, 56, 56)] + 14 * [(128, 28, 28)] + 28 * [(256, 14, 14)] + 7 * [(512, 7, 7)]
        # All of a stage's stand behind one another, but for the three stages' ends.
        gaps = [index for index, (one, two) in enumerate(pairwise(found)) if two.change == "added" != one.change]
        assert len(gaps) == 4
        assert ("shortcut1", "shortcut1") in names(found)

    def test_the_other_way_round_what_was_added_is_removed(self):
        one = compare(presets.load("resnet18"), presets.load("resnet34"))
        other = compare(presets.load("resnet34"), presets.load("resnet18"))
        assert [pair.left.name for pair in other if pair.change == "removed"] == [
            pair.right.name for pair in one if pair.change == "added"
        ]

    def test_kinds_of_one_family_stand_for_each_other(self):
        tanh, relu = Graph(), Graph()
        for graph, squash, pool in ((tanh, "Tanh", "AvgPool2d"), (relu, "ReLU", "MaxPool2d")):
            node = graph.add("Conv2d", graph.add("Input", shape=(1, 28, 28)), out_channels=6, kernel_size=5)
            graph.add("Flatten", graph.add(pool, graph.add(squash, node), kernel_size=2))
        found = compare(tanh, relu)
        assert [pair.change for pair in found] == ["same", "same", "changed", "changed", "same"]
        assert figures(found.rows[2]) == {"kind": ("Tanh", "ReLU")}
        assert figures(found.rows[3]) == {"kind": ("AvgPool2d", "MaxPool2d")}

    def test_a_convolution_and_a_full_connection_do_not(self):
        one, other = Graph(), Graph()
        one.add("Conv2d", one.add("Input", shape=(1, 4, 4)), out_channels=2, kernel_size=4)
        other.add("Linear", other.add("Input", shape=(16,)), out_features=2)
        assert [pair.change for pair in compare(one, other)] == ["changed", "removed", "added"]

    def test_in_two_versions_of_one_drawing_a_new_layer_between_equal_ones_is_the_new_one(self):
        before = Graph()
        node = before.add("Input", shape=(4, 8, 8))
        convs = [node := before.add("Conv2d", node, out_channels=4, kernel_size=3, padding=1) for _ in range(4)]
        after = before.copy()
        new = after.add("Conv2d", convs[1], out_channels=4, kernel_size=3, padding=1)
        link = next(each for each in after.links() if each.target == convs[2])
        after.replace_source(link, new)
        found = compare(before, after)
        assert [pair.right.id for pair in found if pair.change == "added"] == [new]
        assert all(pair.left.id == pair.right.id for pair in found if pair.left and pair.right)


class TestDifferences:
    def test_a_layer_says_what_differs_itself_and_what_follows(self):
        found = compare(presets.load("lenet5-caffe"), presets.load("lenet5-cs231n"))
        conv = find(found, "conv1")
        assert [each.text for each in conv.differences] == [
            "Padding 0 → 2",
            "Output 20 × 24 × 24 → 20 × 28 × 28",
            "Multiply-adds 288,000 → 392,000 (1.36 ×)",
            "Activation bytes 46,080 → 62,720 (1.36 ×)",
            "Receptive field 5, stride 1, padding 0 → 5, stride 1, padding 2",
        ]
        assert [each.own for each in conv.differences] == [True, False, False, False, False]
        assert figures(find(found, "fc1")) == {
            "parameters": (400_500, 1_225_500),
            "macs": (400_000, 1_225_000),
        }
        assert conv.edited
        assert not find(found, "fc1").edited
        assert find(found, "fc2").change == "same"

    def test_wiring_is_followed_from_pair_to_pair(self):
        found = compare(presets.load("vgg16"), presets.load("vgg19"))
        # Fed by the same layer under another number: nothing differs; behind an added layer: something does.
        assert "inputs" not in figures(find(found, "conv10"))
        assert figures(find(found, "pool3"))["inputs"] == (("relu7",), ("relu8",))
        assert "Inputs relu7 → relu8" in [each.text for each in find(found, "pool3").differences]

    def test_inputs_in_another_order_are_other_wiring(self):
        graphs = Graph(), Graph()
        for graph, turned in zip(graphs, (False, True), strict=True):
            image = graph.add("Input", shape=(1, 8, 8))
            ends = [graph.add("Conv2d", image, out_channels=2, kernel_size=size, padding="same") for size in (1, 3)]
            graph.add("Concat", *(reversed(ends) if turned else ends))
        (difference,) = compare(*graphs).rows[-1].differences
        assert (difference.before, difference.after) == (("conv2d_1", "conv2d_2"), ("conv2d_2", "conv2d_1"))

    def test_a_name_counts_where_the_layer_is_the_same_one(self):
        before = presets.load("lenet5-caffe")
        after = before.copy()
        after.rename("conv2d_1", "first")
        found = compare(before, after)
        assert [pair.differences for pair in found if pair.change == "changed"] == [
            (Difference("name", "conv1", "first", "Name conv1 → first", own=True),)
        ]

    def test_an_edit_far_up_shows_below_as_what_follows(self):
        before = presets.load("resnet20-cifar10")
        after = before.copy()
        after.set_params("input_1", shape=(3, 64, 64))
        found = compare(before, after)
        assert [pair.left.id for pair in found if pair.edited] == ["input_1"]
        assert figures(found.rows[1])["output_shape"] == ((16, 32, 32), (16, 64, 64))

    def test_values_read_as_people_write_them(self):
        graphs = Graph(), Graph()
        for graph, bias, kernel, slope in zip(graphs, (True, False), (3, (3, 5)), (0.01, 0.25), strict=True):
            conv = graph.add(
                "Conv2d", graph.add("Input", shape=(1, 9, 9)), out_channels=1, kernel_size=kernel, bias=bias
            )
            graph.add(
                "MaxPool2d",
                graph.add("LeakyReLU", conv, negative_slope=slope),
                kernel_size=1,
                stride=1 if bias else None,
            )
        texts = [each.text for pair in compare(*graphs) for each in pair.differences]
        assert {"Bias on → off", "Kernel size 3 → 3 × 5", "Negative slope 0.01 → 0.25", "Stride 1 → automatic"} <= set(
            texts
        )


class TestTotals:
    def test_differences_and_ratios(self):
        found = compare(presets.load("resnet18"), presets.load("resnet34"))
        parameters = found.total("parameters")
        assert (parameters.before, parameters.after) == (11_689_512, 21_797_672)
        assert parameters.difference == 10_108_160
        assert parameters.ratio == pytest.approx(1.8647, abs=1e-4)
        assert parameters.text == "Parameters 11,689,512 → 21,797,672 (1.86 ×)"
        macs = found.total("macs")
        assert (macs.before, macs.after) == (1_814_073_344, 3_663_761_408)
        assert found.total("weight_layers").difference == 16
        assert found.total("layers").difference == 56
        with pytest.raises(KeyError):
            found.total("colour")

    def test_a_total_of_nothing_has_no_ratio(self):
        found = compare(presets.load("lenet5-caffe"), presets.load("notes-cifar10"))
        assert found.total("buffers").ratio is None
        assert found.total("buffers").text == "Running statistics 0 → 160"

    def test_totals_are_the_reports(self):
        one, other = presets.load("lenet5-caffe"), presets.load("resnet20-cifar10")
        found = compare(one, other)
        for figure in ("parameters", "buffers", "macs", "activation_bytes"):
            total = found.total(figure)
            assert (total.before, total.after) == (getattr(analyze(one), figure), getattr(analyze(other), figure))


class TestSummary:
    def test_layers_parameters_and_multiply_adds(self):
        found = compare(presets.load("resnet18"), presets.load("resnet34"), ("resnet18", "resnet34"))
        assert found.summary == (
            "resnet34 has 16 weight layers more than resnet18, 1.86 × its parameters and 2.02 × its multiply-adds."
        )

    def test_without_names_they_are_the_first_and_the_second(self):
        found = compare(presets.load("lenet5-cs231n"), presets.load("lenet5-caffe"))
        assert found.summary == (
            "The second network has 2 layers fewer than the first network, 0.343 × its parameters and 0.352 × its "
            "multiply-adds."
        )

    def test_the_same_network(self):
        found = compare(presets.load("lenet5-caffe"), presets.load("lenet5-caffe"), ("a", "b"))
        assert found.same
        assert found.summary == "a and b do not differ."

    def test_what_changes_no_figure_is_counted(self):
        before = presets.load("notes-cifar10")
        after = before.copy()
        after.set_params("dropout_1", p=0.1)
        found = compare(before, after, ("a", "b"))
        assert not found.same
        assert found.summary == "b is as large as a; 1 layer differs."

    def test_one_layer_more_is_not_layers(self):
        before = Graph()
        node = before.add("Linear", before.add("Input", shape=(4,)), out_features=2)
        after = before.copy()
        after.add("Softmax", node)
        assert compare(before, after, ("a", "b")).summary == (
            "b has 1 layer more than a, as many parameters and as many multiply-adds."
        )

    def test_beside_nothing_there_is_no_ratio(self):
        found = compare(Graph(), presets.load("lenet5-caffe"), ("a", "b"))
        assert found.summary.startswith("b has 4 weight layers more than a, 431,080 parameters instead of 0 and")


class TestFaults:
    def test_what_is_unknown_is_none_on_its_side(self):
        before = presets.load("lenet5-caffe")
        after = before.copy()
        after.set_params("conv2d_2", kernel_size=100)
        found = compare(before, after)
        assert not found.complete
        assert figures(find(found, "conv2"))["output_shape"] == ((50, 8, 8), None)
        assert "Output 50 × 8 × 8 → unknown" in [each.text for each in find(found, "conv2").differences]
        assert found.summary.endswith("Where a drawing is incomplete, what is known is counted.")

    def test_a_missing_wire_is_a_difference(self):
        before = presets.load("lenet5-caffe")
        after = before.copy()
        after.disconnect(next(each for each in after.links() if each.target == "linear_1"))
        assert figures(find(compare(before, after), "fc1"))["inputs"] == (("flatten1",), (None,))

    def test_unknown_kinds_compare_by_what_their_file_says(self):
        def capsule(**params: object) -> Graph:
            return Graph.from_state(GraphState((Node("c", "Capsule", "c", params),), ((),)))

        assert compare(capsule(size=[1]), capsule(size=[1])).same
        (pair,) = compare(capsule(size=[1], old=1), capsule(size=[2], new=2))
        assert figures(pair) == {"size": ([1], [2]), "old": (1, None), "new": (None, 2)}

    @settings(deadline=None)
    @given(one=drawings(), other=drawings())
    def test_any_two_drawings_compare(self, one, other):
        found = compare(one, other)
        for side, graph in (("left", one), ("right", other)):
            rows = [getattr(pair, side) for pair in found if getattr(pair, side) is not None]
            assert [row.id for row in rows] == list(graph.topological_order())
        for pair in found:
            assert (pair.change == "same") == (
                pair.left is not None and pair.right is not None and not pair.differences
            )
            assert (pair.change == "changed") == bool(pair.differences)

    @settings(deadline=None)
    @given(graph=drawings())
    def test_any_drawing_equals_its_copy(self, graph):
        assert compare(graph, graph.copy()).same


class TestLargeNetworks:
    @pytest.fixture
    def cells(self, monkeypatch: pytest.MonkeyPatch) -> list[int]:
        """Of each table that is filled."""
        found: list[int] = []
        table = alignment._table

        def counted(a, b):
            found.append(len(a) * len(b))
            return table(a, b)

        monkeypatch.setattr(alignment, "_table", counted)
        return found

    def test_what_both_begin_and_end_with_needs_no_search(self, cells):
        before = presets.load("resnet20-cifar10")
        after = before.copy()
        after.set_params("conv2d_9", kernel_size=1, padding=0)
        assert len([pair for pair in compare(before, after) if pair.edited]) == 1
        assert sum(cells) == 1

    def test_ten_thousand_layers_that_differ_at_both_ends_fill_no_table_of_all(self, cells):
        def long(first: float, count: int) -> Graph:
            graph = Graph()
            with graph.batch():
                node = graph.add("Dropout", graph.add("Input", shape=(4,)), p=first)
                for _ in range(count):
                    node = graph.add("ReLU", node)
                graph.add("Dropout", node, p=first)
            return graph

        found = compare(long(0.1, 10_000), long(0.2, 10_000))
        assert [pair.left.kind for pair in found if pair.edited] == ["Dropout", "Dropout"]
        assert 0 < sum(cells) <= alignment.LARGEST_TABLE

    def test_networks_with_nothing_to_hold_on_to_are_cut_all_the_same(self, cells, monkeypatch):
        monkeypatch.setattr(alignment, "LARGEST_TABLE", 100)

        def dropouts(p: float, count: int) -> Graph:
            graph = Graph()
            node = graph.add("Input", shape=(4,))
            for _ in range(count):
                node = graph.add("Dropout", node, p=p)
            return graph

        found = compare(dropouts(0.1, 60), dropouts(0.2, 60))
        assert len([pair for pair in found if pair.left and pair.right]) == 61
        assert max(cells) <= 100


class TestWording:
    def test_where_the_ratio_would_be_one_it_is_the_difference(self):
        one = presets.load("vgg16")
        other = one.copy()
        other.set_params("linear_3", out_features=1001)
        found = compare(one, other)
        assert found.total("parameters").text == "Parameters 138,357,544 → 138,361,641 (+4,097)"
        assert "has as many layers as the first network, 4,097 parameters more and 4,096 multiply-adds more" in (
            found.summary
        )
        assert "4,097 parameters fewer" in compare(other, one).summary

    def test_what_stands_behind_a_fault_is_unknown_but_still_there(self):
        one = presets.load("lenet5-caffe")
        other = one.copy()
        other.set_params("conv2d_2", kernel_size=99)
        found = compare(one, other)
        (seen,) = [each for each in find(found, "conv2").differences if each.figure == "receptive_field"]
        assert seen.text == "Receptive field 14, stride 2, padding 0 → unknown"
        assert found.total("weight_layers").difference == 0
