"""What a value sees of the picture: sizes, strides, paddings, where branches meet, and where there is no one answer."""

from __future__ import annotations

import pytest

from cnnstudio.graph import Graph, ReceptiveField, Row, analyze

PICTURE = (3, 24, 32)


@pytest.fixture
def graph() -> Graph:
    graph = Graph()
    graph.add("Input", shape=PICTURE)
    return graph


def conv(graph: Graph, source: str, kernel: object = 3, **params: object) -> str:
    return graph.add("Conv2d", source, out_channels=4, kernel_size=kernel, **params)


def field(graph: Graph, node_id: str) -> ReceptiveField:
    seen = analyze(graph)[node_id].receptive_field
    assert seen is not None
    return seen


def figures(graph: Graph, node_id: str) -> tuple[tuple[int, int], tuple[int, int], tuple[int, int]]:
    seen = field(graph, node_id)
    return seen.size, seen.stride, seen.padding


class TestOnePath:
    def test_a_pixel_sees_itself(self, graph: Graph) -> None:
        assert figures(graph, "input_1") == ((1, 1), (1, 1), (0, 0))

    def test_each_axis_goes_its_own_way(self, graph: Graph) -> None:
        node = conv(graph, "input_1", (3, 5), stride=(2, 1), padding=(1, 0), dilation=(1, 2))
        assert figures(graph, node) == ((3, 9), (2, 1), (1, 0))

    def test_strides_multiply_and_steps_grow_with_them(self, graph: Graph) -> None:
        node = conv(graph, conv(graph, conv(graph, "input_1", stride=2), stride=2), 3, padding=1)
        # 3; 3 + 2·2 = 7; 7 + 2·4 = 15
        assert figures(graph, node) == ((15, 15), (4, 4), (4, 4))

    def test_vgg_s_two_small_kernels_see_as_much_as_one_of_five(self, graph: Graph) -> None:
        assert figures(graph, conv(graph, conv(graph, "input_1"))) == figures(graph, conv(graph, "input_1", 5))

    def test_asymmetric_padding_shifts_only_the_beginning(self, graph: Graph) -> None:
        node = conv(graph, "input_1", padding=(2, 0, 0, 2))
        assert figures(graph, node) == ((3, 3), (1, 1), (2, 0))

    def test_even_kernels_under_same_padding_lean_back(self, graph: Graph) -> None:
        assert figures(graph, conv(graph, "input_1", 4, padding="same")) == ((4, 4), (1, 1), (1, 1))

    def test_a_pool_strides_by_its_window_unless_told(self, graph: Graph) -> None:
        pool = graph.add("MaxPool2d", "input_1", kernel_size=2)
        assert figures(graph, pool) == ((2, 2), (2, 2), (0, 0))
        assert figures(graph, graph.add("AvgPool2d", pool, kernel_size=3, stride=1)) == ((6, 6), (2, 2), (0, 0))

    @pytest.mark.parametrize(
        "kind", ["ReLU", "BatchNorm", "LocalResponseNorm", "Dropout", "Softmax", "Identity", "Flatten"]
    )
    def test_layers_that_look_at_one_place_change_nothing(self, graph: Graph, kind: str) -> None:
        node = conv(graph, "input_1", 5, stride=2)
        params = {"size": 5} if kind == "LocalResponseNorm" else {}
        assert figures(graph, graph.add(kind, node, **params)) == figures(graph, node)

    def test_a_transposed_convolution_at_stride_one_is_a_convolution_with_what_is_left_of_full_padding(
        self, graph: Graph
    ) -> None:
        node = graph.add(
            "ConvTranspose2d", conv(graph, "input_1", 1, stride=2), out_channels=2, kernel_size=5, padding=1
        )
        assert figures(graph, node) == ((9, 9), (2, 2), (6, 6))

    def test_a_frame_shifts_what_is_seen_as_the_convolution_s_own_padding_does(self, graph: Graph) -> None:
        framed = conv(graph, graph.add("Pad2d", "input_1", padding=(2, 1, 0, 3)), stride=2)
        assert figures(graph, framed) == figures(graph, conv(graph, "input_1", padding=(2, 1, 0, 3), stride=2))

    def test_an_adaptive_pool_that_divides_is_a_plain_window(self, graph: Graph) -> None:
        node = graph.add("AdaptiveAvgPool2d", "input_1", output_size=(6, 8))
        assert figures(graph, node) == ((4, 4), (4, 4), (0, 0))


class TestRegions:
    def test_are_told_unclipped(self, graph: Graph) -> None:
        node = conv(graph, "input_1", (3, 5), stride=2, padding=1)
        assert field(graph, node).region(0, 0) == (-1, -1, 1, 3)
        assert field(graph, node).region(2, 5) == (3, 9, 5, 13)

    def test_of_the_whole_picture_are_the_picture(self, graph: Graph) -> None:
        node = graph.add("AdaptiveAvgPool2d", "input_1", output_size=1)
        assert field(graph, node).region(0, 0) == (0, 0, 23, 31)


class TestBranches:
    def test_that_meet_see_what_any_of_them_sees(self, graph: Graph) -> None:
        small, large = conv(graph, "input_1", 1), conv(graph, "input_1", 5, padding=2)
        for merge in ("Add", "Concat"):
            node = graph.add(merge, small, large)
            assert figures(graph, node) == ((5, 5), (1, 1), (2, 2))
            assert field(graph, node).aligned

    def test_that_look_elsewhere_are_misaligned_and_stay_so(self, graph: Graph) -> None:
        left, right = conv(graph, "input_1", padding=(1, 1, 2, 0)), conv(graph, "input_1", padding=1)
        node = graph.add("Add", left, right)
        assert figures(graph, node) == ((3, 4), (1, 1), (1, 2))
        assert not field(graph, node).aligned
        assert not field(graph, conv(graph, node)).aligned

    def test_misalignment_is_not_forgotten_where_the_hull_happens_to_agree(self, graph: Graph) -> None:
        askew = graph.add("Add", conv(graph, "input_1", padding=(1, 1, 2, 0)), conv(graph, "input_1", padding=1))
        leaning = conv(graph, "input_1", (1, 2), padding=(0, 0, 1, 0))
        assert field(graph, askew).columns.low + field(graph, askew).columns.high == -1
        assert field(graph, leaning).columns.low + field(graph, leaning).columns.high == -1
        assert not field(graph, graph.add("Add", askew, leaning)).aligned

    def test_that_look_elsewhere_are_named_where_they_meet_and_only_there(self, graph: Graph) -> None:
        conv(graph, "input_1", (3, 4), padding=(1, 1, 1, 2))
        conv(graph, "input_1", padding=1)
        node = graph.add("Add", "conv2d_1", "conv2d_2")
        report = analyze(graph)
        assert report[node].field_note == (
            "Its branches look at different centres: conv2d_1 is half a pixel right of conv2d_2."
        )
        behind = [graph.add("ReLU", node), graph.add("MaxPool2d", node, kernel_size=2)]
        behind.append(graph.add("Add", behind[0], behind[0]))
        for each in behind:
            assert not field(graph, each).aligned
            assert analyze(graph)[each].field_note == ""

    @pytest.mark.parametrize(
        ("paddings", "remark"),
        [
            ([(0, 2, 1, 1), (1, 1, 1, 1)], "conv2d_1 is 1 pixel below conv2d_2"),
            ([(2, 0, 1, 1), (0, 2, 1, 1)], "conv2d_1 is 2 pixels above conv2d_2"),
            ([(1, 1, 2, 0), (1, 1, 1, 1)], "conv2d_1 is 1 pixel left of conv2d_2"),
            ([(2, 0, 0, 2), (1, 1, 1, 1)], "conv2d_1 is 1 pixel above and 1 pixel right of conv2d_2"),
            ([(0, 2, 1, 1)] * 2 + [(1, 1, 1, 1)] * 2, "conv2d_1 and conv2d_2 are 1 pixel below conv2d_3 and conv2d_4"),
            ([(1, 1, 1, 1), (1, 1, 1, 1), (0, 2, 1, 1)], "conv2d_3 is 1 pixel below conv2d_1 and conv2d_2"),
            ([(1, 1, 1, 1), (0, 2, 1, 1), (1, 1, 1, 1)], "conv2d_2 is 1 pixel below conv2d_1 and conv2d_3"),
            (
                [(0, 2, 1, 1), (1, 1, 0, 2), (1, 1, 1, 1), (1, 1, 1, 1)],
                "conv2d_1 is 1 pixel below conv2d_3 and conv2d_4; conv2d_2 is 1 pixel right of conv2d_3 and conv2d_4",
            ),
        ],
    )
    def test_the_remark_says_how_far_apart_they_look(
        self, graph: Graph, paddings: list[tuple[int, ...]], remark: str
    ) -> None:
        node = graph.add("Concat", *[conv(graph, "input_1", padding=each) for each in paddings])
        assert analyze(graph)[node].field_note == f"Its branches look at different centres: {remark}."

    def test_distances_are_in_pixels_of_the_picture(self, graph: Graph) -> None:
        halved = conv(graph, "input_1", 1, stride=2)
        node = graph.add("Add", conv(graph, halved, (1, 2), padding=(0, 0, 0, 1)), halved)
        assert analyze(graph)[node].field_note.endswith("conv2d_2 is 1 pixel right of conv2d_1.")
        node = graph.add("Add", conv(graph, halved, (4, 1), padding=(0, 3, 0, 0)), halved)
        assert analyze(graph)[node].field_note.endswith("conv2d_3 is 3 pixels below conv2d_1.")

    def test_of_many_branches_some_are_named(self, graph: Graph) -> None:
        ends = [conv(graph, "input_1", 7, padding=(3, 3, left, 6 - left)) for left in range(7)]
        same = [conv(graph, "input_1", 7, padding=3) for _ in range(6)]
        node = graph.add("Concat", *ends, *same)
        note = analyze(graph)[node].field_note
        assert "3 pixels right of conv2d_4, conv2d_8, conv2d_9 and 4 more;" in note
        assert note.endswith("; and so on, in 7 places.")
        assert len(note) < 400

    def test_a_new_name_is_taken_over(self, graph: Graph) -> None:
        node = graph.add("Add", conv(graph, "input_1", padding=(0, 2, 1, 1)), conv(graph, "input_1", padding=1))
        analyze(graph)
        graph.rename("conv2d_1", "lower")
        assert analyze(graph)[node].field_note.endswith("lower is 1 pixel below conv2d_2.")

    def test_a_strided_shortcut_stays_aligned(self, graph: Graph) -> None:
        main = conv(graph, conv(graph, "input_1", stride=2, padding=1), padding=1)
        node = graph.add("Add", main, conv(graph, "input_1", 1, stride=2))
        assert figures(graph, node) == ((7, 7), (2, 2), (3, 3))
        assert field(graph, node).aligned

    def test_of_unequal_stride_have_no_one_field_and_the_reason_names_them(self, graph: Graph) -> None:
        strided = graph.add("Conv2d", "input_1", out_channels=4, kernel_size=2, stride=2)
        pooled = graph.add("MaxPool2d", "input_1", kernel_size=4, stride=4)
        node = graph.add("Concat", graph.add("Flatten", strided), graph.add("Flatten", pooled))
        row = analyze(graph)[node]
        assert row.output_shape == (4 * 12 * 16 + 3 * 6 * 8,)
        assert row.receptive_field is None
        assert row.field_note == (
            "concat_1: its branches step over the picture at different strides: "
            "flatten_1 (stride 2 × 2), flatten_2 (stride 4 × 4)."
        )

    def test_the_reason_is_passed_on_and_says_whose_it_is(self, graph: Graph) -> None:
        node = graph.add("AdaptiveAvgPool2d", "input_1", name="grid", output_size=7)
        note = "grid: 24 × 32 pixels do not divide into 7 × 7 equal windows."
        behind = graph.add("ReLU", node)
        for row in (analyze(graph)[node], analyze(graph)[behind]):
            assert row.receptive_field is None
            assert row.field_note == note
        graph.rename(node, "bins")
        assert analyze(graph)[behind].field_note.startswith("bins: ")

    def test_upsampled_places_have_no_whole_steps(self, graph: Graph) -> None:
        node = graph.add("Upsample", conv(graph, "input_1"), scale_factor=2)
        behind = conv(graph, node)
        row = analyze(graph)[behind]
        assert row.receptive_field is None
        assert row.field_note.startswith("upsample_1: it makes 2 × 2 places out of each one that comes in;")

    def test_upsampled_places_that_saw_everything_still_do(self, graph: Graph) -> None:
        pooled = graph.add("AdaptiveAvgPool2d", "input_1", output_size=1)
        assert field(graph, graph.add("Upsample", pooled, scale_factor=4)).whole_input

    def test_a_stride_that_enlarges_gives_places_different_views(self, graph: Graph) -> None:
        node = graph.add("ConvTranspose2d", "input_1", out_channels=2, kernel_size=3, stride=(2, 1))
        assert analyze(graph)[node].receptive_field is None
        note = "convtranspose2d_1: it makes 2 × 1 places out of each one that comes in;"
        assert analyze(graph)[node].field_note.startswith(note)


class TestTheWholePicture:
    def whole(self, graph: Graph, node_id: str) -> Row:
        row = analyze(graph)[node_id]
        assert row.receptive_field is not None
        assert row.receptive_field.whole_input
        assert row.receptive_field.size == PICTURE[1:]
        assert row.receptive_field.padding == (0, 0)
        assert row.field_note == ""
        return row

    def test_is_seen_behind_global_pooling(self, graph: Graph) -> None:
        self.whole(graph, graph.add("AdaptiveAvgPool2d", conv(graph, "input_1"), output_size=1))

    def test_is_seen_by_linear(self, graph: Graph) -> None:
        self.whole(graph, graph.add("Linear", graph.add("Flatten", conv(graph, "input_1")), out_features=5))

    def test_is_seen_by_a_softmax_over_all_values(self, graph: Graph) -> None:
        self.whole(graph, graph.add("Softmax", graph.add("Flatten", conv(graph, "input_1"))))

    @pytest.mark.parametrize(
        ("kind", "params"), [("LayerNorm", {}), ("InstanceNorm", {}), ("GroupNorm", {"num_groups": 2})]
    )
    def test_is_seen_by_what_normalizes_by_the_picture_s_own_statistics(
        self, graph: Graph, kind: str, params: dict[str, object]
    ) -> None:
        self.whole(graph, graph.add(kind, conv(graph, "input_1"), **params))

    def test_groups_of_a_vector_see_parts_of_it(self, graph: Graph) -> None:
        node = graph.add("GroupNorm", graph.add("Flatten", "input_1"), num_groups=3)
        assert analyze(graph)[node].receptive_field is None
        assert "its own group" in analyze(graph)[node].field_note

    def test_stays_seen(self, graph: Graph) -> None:
        pooled = graph.add("AdaptiveAvgPool2d", "input_1", output_size=1)
        for node in (conv(graph, pooled, 1), graph.add("AdaptiveAvgPool2d", pooled, output_size=3)):
            self.whole(graph, node)

    def test_one_branch_that_sees_it_is_enough(self, graph: Graph) -> None:
        pooled = graph.add("AdaptiveAvgPool2d", "input_1", output_size=(1, 1))
        small = conv(graph, "input_1", (24, 32))
        self.whole(graph, graph.add("Concat", pooled, small))

    def test_is_seen_by_linear_behind_branches_of_unequal_stride(self, graph: Graph) -> None:
        branches = [graph.add("Flatten", conv(graph, "input_1", stride=stride)) for stride in (1, 2)]
        self.whole(graph, graph.add("Linear", graph.add("Concat", *branches), out_features=5))


def test_a_network_on_vectors_has_no_field() -> None:
    graph = Graph()
    image = graph.add("Input", shape=(64,))
    for node in (image, graph.add("ReLU", image), graph.add("Linear", image, out_features=3)):
        assert analyze(graph)[node].receptive_field is None
        assert analyze(graph)[node].field_note == ""
