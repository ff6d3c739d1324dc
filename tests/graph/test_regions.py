"""What one value sees of the picture, pixel by pixel, and what one pixel reaches."""

from __future__ import annotations

import pytest
from hypothesis import given, settings

from cnnstudio.graph import Graph, GraphError, UnknownNodeError, analyze, reach, region
from cnnstudio.graph.shapes import Shape
from tests.graph.drawings import drawings

PICTURE = (3, 12, 16)


@pytest.fixture
def graph() -> Graph:
    graph = Graph()
    graph.add("Input", shape=PICTURE)
    return graph


def conv(graph: Graph, source: str, kernel: object = 3, **params: object) -> str:
    return graph.add("Conv2d", source, out_channels=4, kernel_size=kernel, **params)


class TestMaps:
    def test_a_pixel_sees_itself(self, graph: Graph) -> None:
        assert region(graph, "input_1", 5, 7) == (5, 7, 5, 7)

    def test_a_window_is_clipped_to_the_picture(self, graph: Graph) -> None:
        node = conv(graph, "input_1", (3, 5), padding=(1, 2))
        assert region(graph, node, 5, 7) == (4, 5, 6, 9)
        assert region(graph, node, 0, 0) == (0, 0, 1, 2)
        assert region(graph, node, 11, 15) == (10, 13, 11, 15)

    def test_taps_on_padding_see_nothing_and_those_beside_it_do(self, graph: Graph) -> None:
        node = conv(graph, "input_1", 3, dilation=4, padding=3)
        assert region(graph, node, 0, 5) == (1, 2, 5, 10)  # rows -3, 1, 5

    def test_padding_within_the_network_is_no_way_to_the_picture(self, graph: Graph) -> None:
        # Value 0 looks at places -2 and 2 of the first layer, of which there is no place -2; 2 sees pixel 1 only.
        node = conv(graph, conv(graph, "input_1", 1, padding=1), 2, dilation=4, padding=2)
        assert region(graph, node, 0, 0) == (1, 1, 1, 1)

    def test_a_value_may_see_padding_only(self, graph: Graph) -> None:
        node = conv(graph, "input_1", 1, padding=2)
        assert region(graph, node, 1, 5) is None
        assert region(graph, node, 2, 2) == (0, 0, 0, 0)

    @pytest.mark.parametrize(
        ("mode", "seen"), [("zeros", None), ("reflect", (2, 1, 2, 1)), ("replicate", (0, 0, 0, 0))]
    )
    def test_padding_that_continues_the_picture_shows_pixels_of_it(
        self, graph: Graph, mode: str, seen: tuple[int, int, int, int] | None
    ) -> None:
        assert region(graph, conv(graph, "input_1", 1, padding=2, padding_mode=mode), 0, 1) == seen
        assert region(graph, graph.add("Pad2d", "input_1", padding=2, mode=mode), 0, 1) == seen

    def test_continued_behind_the_picture_too(self, graph: Graph) -> None:
        node = conv(graph, "input_1", 1, padding=(0, 2, 0, 2), padding_mode="reflect")
        assert region(graph, node, 13, 16) == (9, 14, 9, 14)

    def test_a_window_that_hangs_over_the_edge_sees_what_is_there(self, graph: Graph) -> None:
        pool = graph.add("MaxPool2d", "input_1", kernel_size=5, ceil_mode=True)
        assert region(graph, pool, 2, 3) == (10, 15, 11, 15)

    def test_behind_a_stride_larger_than_the_kernel_pixels_are_missed(self, graph: Graph) -> None:
        last = conv(graph, conv(graph, "input_1", 1, stride=3), 1, stride=2)
        assert region(graph, last, 1, 1) == (6, 6, 6, 6)
        mean = graph.add("AdaptiveAvgPool2d", last, output_size=1)
        assert region(graph, mean, 0, 0) == (0, 0, 6, 12)  # not all of the picture, of which `whole_input` speaks
        assert reach(graph, mean, 5, 5) is None
        assert reach(graph, mean, 6, 12) == (0, 0, 0, 0)

    @pytest.mark.parametrize(
        ("row", "column", "seen"), [(0, 0, (0, 0, 0, 0)), (2, 5, (1, 1, 1, 1)), (23, 47, (11, 15, 11, 15))]
    )
    def test_a_repeated_place_sees_the_one_that_it_repeats(
        self, graph: Graph, row: int, column: int, seen: tuple[int, int, int, int]
    ) -> None:
        assert region(graph, graph.add("Upsample", "input_1", scale_factor=(2, 3)), row, column) == seen

    @pytest.mark.parametrize(
        ("row", "column", "seen"),
        # at scale 3 every third place lies on a pixel; at scale 2 each lies between two
        [(0, 0, (0, 0, 0, 0)), (2, 4, (0, 1, 1, 1)), (1, 2, (0, 0, 1, 1)), (23, 47, (11, 15, 11, 15))],
    )
    def test_an_interpolated_place_sees_those_that_it_lies_between(
        self, graph: Graph, row: int, column: int, seen: tuple[int, int, int, int]
    ) -> None:
        node = graph.add("Upsample", "input_1", scale_factor=(2, 3), mode="bilinear")
        assert region(graph, node, row, column) == seen

    def test_a_painted_place_sees_all_that_paint_on_it(self, graph: Graph) -> None:
        node = graph.add("ConvTranspose2d", "input_1", out_channels=2, kernel_size=3, stride=2)
        assert region(graph, node, 1, 1) == (0, 0, 0, 0)
        assert region(graph, node, 2, 4) == (0, 1, 1, 2)

    def test_between_kernels_smaller_than_the_stride_nothing_is_painted(self, graph: Graph) -> None:
        node = graph.add("ConvTranspose2d", "input_1", out_channels=2, kernel_size=1, stride=2)
        assert region(graph, node, 1, 2) is None
        assert region(graph, node, 2, 2) == (1, 1, 1, 1)

    def test_adaptive_windows_that_do_not_divide_overlap(self, graph: Graph) -> None:
        node = graph.add("AdaptiveMaxPool2d", "input_1", output_size=(5, 1))
        assert [region(graph, node, row, 0) for row in range(5)] == [
            (0, 0, 2, 15),
            (2, 0, 4, 15),
            (4, 0, 7, 15),
            (7, 0, 9, 15),
            (9, 0, 11, 15),
        ]

    @pytest.mark.parametrize(
        ("kind", "params"), [("LayerNorm", {}), ("InstanceNorm", {}), ("GroupNorm", {"num_groups": 2})]
    )
    def test_what_normalizes_by_the_map_sees_all_of_it(
        self, graph: Graph, kind: str, params: dict[str, object]
    ) -> None:
        node = graph.add(kind, conv(graph, "input_1", stride=2), **params)
        assert region(graph, node, 0, 0) == (0, 0, 10, 14)  # the last row and column are left over

    @pytest.mark.parametrize("kind", ["BatchNorm", "ReLU", "Softmax", "Dropout", "Identity"])
    def test_what_works_place_by_place_sees_what_came_in_there(self, graph: Graph, kind: str) -> None:
        assert region(graph, graph.add(kind, conv(graph, "input_1")), 4, 4) == (4, 4, 6, 6)


class TestBranches:
    def test_see_what_any_of_them_sees(self, graph: Graph) -> None:
        left, right = (
            conv(graph, "input_1", (1, 3), padding=(0, 0, 2, 0)),
            conv(graph, "input_1", (3, 1), padding=(1, 0)),
        )
        assert region(graph, graph.add("Add", left, right), 5, 5) == (4, 3, 6, 5)

    def test_of_which_one_sees_padding_only_are_not_filled_up(self, graph: Graph) -> None:
        far = graph.add("Pad2d", conv(graph, "input_1", 5), padding=(4, 0, 4, 0))
        near = graph.add("Pad2d", conv(graph, "input_1", 5), padding=(0, 4, 0, 4))
        both = graph.add("Add", far, near)
        assert region(graph, both, 4, 4) == (0, 0, 8, 8)
        # The far one lies in the padding above, so that the columns that it has in the picture do not count.
        assert region(graph, both, 0, 11) == (0, 11, 4, 15)
        assert reach(graph, both, 0, 0) == (0, 0, 4, 4)

    def test_of_unequal_stride_are_followed_each_by_itself(self, graph: Graph) -> None:
        halved = conv(graph, "input_1", 2, stride=2)
        corner = conv(graph, "input_1", (7, 9))
        both = graph.add("Concat", halved, corner)
        assert analyze(graph)[both].receptive_field is None
        assert region(graph, both, 5, 7) == (5, 7, 11, 15)
        assert region(graph, both, 0, 0) == (0, 0, 6, 8)

    def test_that_keep_shifting_stay_few_enough_to_follow(self, graph: Graph) -> None:
        node = "input_1"
        for _ in range(40):  # taken one by one, there would be 3 to the 40 ways
            down = graph.add("Pad2d", graph.add("AvgPool2d", node, kernel_size=(2, 1), stride=1), padding=(0, 1, 0, 0))
            right = graph.add("Pad2d", graph.add("AvgPool2d", node, kernel_size=(1, 2), stride=1), padding=(0, 0, 0, 1))
            node = graph.add("Add", node, down, right)
        assert region(graph, node, 3, 4) == (3, 4, 11, 15)
        assert reach(graph, node, 3, 4) == (0, 0, 3, 4)


class TestVectors:
    def test_a_flattened_value_sees_what_its_place_sees(self, graph: Graph) -> None:
        maps = conv(graph, "input_1")
        flat = graph.add("ReLU", graph.add("Flatten", maps))
        for index in (0, 13, 14, 139, 140, 4 * 140 - 1):
            assert region(graph, flat, index, 0) == region(graph, maps, *divmod(index % 140, 14))

    def test_a_flattened_value_sees_only_the_branch_that_its_channel_came_from(self, graph: Graph) -> None:
        small = graph.add("Conv2d", "input_1", out_channels=1, kernel_size=1)
        large = graph.add("Conv2d", "input_1", out_channels=1, kernel_size=5, padding=2)
        flat = graph.add("Flatten", graph.add("Concat", small, large))
        assert region(graph, flat, 5 * 16 + 5, 0) == (5, 5, 5, 5)
        assert region(graph, flat, 12 * 16 + 5 * 16 + 5, 0) == (3, 3, 7, 7)

    def test_a_group_of_channels_sees_its_own_group(self, graph: Graph) -> None:
        small = graph.add("Conv2d", "input_1", out_channels=2, kernel_size=1)
        large = graph.add("Conv2d", "input_1", out_channels=2, kernel_size=3, padding=1)
        grouped = graph.add(
            "Conv2d", graph.add("Concat", small, large), out_channels=6, kernel_size=1, groups=2, name="grouped"
        )
        flat = graph.add("Flatten", grouped)
        sizes = [region(graph, flat, channel * 192 + 5 * 16 + 5, 0) for channel in range(6)]
        assert sizes == [(5, 5, 5, 5)] * 3 + [(4, 4, 6, 6)] * 3

    @pytest.mark.parametrize(
        ("size", "wide"), [(1, [2, 3]), (2, [2, 3]), (3, [1, 2, 3]), (4, [1, 2, 3]), (5, [0, 1, 2, 3])]
    )
    def test_neighbouring_channels_are_seen_as_far_as_they_count(
        self, graph: Graph, size: int, wide: list[int]
    ) -> None:
        # Channel c takes in c - size // 2 to c + (size - 1) // 2; the last two of four look wider.
        small = graph.add("Conv2d", "input_1", out_channels=2, kernel_size=1)
        large = graph.add("Conv2d", "input_1", out_channels=2, kernel_size=3, padding=1)
        flat = graph.add("Flatten", graph.add("LocalResponseNorm", graph.add("Concat", small, large), size=size))
        seen = [region(graph, flat, channel * 192 + 5 * 16 + 5, 0) for channel in range(4)]
        assert [channel for channel in range(4) if seen[channel] == (4, 4, 6, 6)] == wide

    def test_each_group_of_a_vector_sees_its_part(self, graph: Graph) -> None:
        node = graph.add("GroupNorm", graph.add("Flatten", "input_1"), num_groups=3 * 12)
        assert region(graph, node, 16 + 3, 0) == (1, 0, 1, 15)
        assert reach(graph, node, 1, 5) == (16, 0, 2 * 192 + 31, 0)  # one row in each of three channels

    def test_joined_vectors_stand_one_behind_the_other(self, graph: Graph) -> None:
        first, second = graph.add("Flatten", "input_1"), graph.add("Flatten", conv(graph, "input_1", 3))
        node = graph.add("Concat", first, second)
        assert region(graph, node, 17, 0) == (1, 1, 1, 1)
        assert region(graph, node, 3 * 192, 0) == (0, 0, 2, 2)

    @pytest.mark.parametrize("kind", ["Linear", "Softmax", "LayerNorm"])
    def test_what_weighs_all_values_sees_all(self, graph: Graph, kind: str) -> None:
        params = {"out_features": 3} if kind == "Linear" else {}
        node = graph.add(kind, graph.add("Flatten", conv(graph, "input_1", stride=2)), **params)
        assert region(graph, node, 2, 0) == (0, 0, 10, 14)
        assert reach(graph, node, 11, 0) is None
        assert reach(graph, node, 0, 0) == (0, 0, analyze(graph)[node].output_shape[0] - 1, 0)


class TestReach:
    def test_a_pixel_reaches_every_window_that_it_lies_in(self, graph: Graph) -> None:
        node = conv(graph, "input_1", (3, 5), stride=2, padding=1)
        assert reach(graph, node, 5, 7) == (2, 2, 3, 4)
        assert reach(graph, node, 0, 0) == (0, 0, 0, 0)

    def test_a_pixel_may_reach_further_by_being_mirrored(self, graph: Graph) -> None:
        assert reach(graph, graph.add("Pad2d", "input_1", padding=2, mode="reflect"), 1, 14) == (1, 16, 3, 18)
        assert reach(graph, graph.add("Pad2d", "input_1", padding=2, mode="replicate"), 0, 15) == (0, 17, 2, 19)


class TestErrors:
    def test_an_unknown_layer(self, graph: Graph) -> None:
        with pytest.raises(UnknownNodeError):
            region(graph, "conv9", 0, 0)
        with pytest.raises(UnknownNodeError):
            reach(graph, "conv9", 0, 0)

    @pytest.mark.parametrize("place", [(-1, 0), (0, -1), (10, 0), (0, 14)])
    def test_a_place_that_a_layer_has_not(self, graph: Graph, place: tuple[int, int]) -> None:
        node = conv(graph, "input_1")
        with pytest.raises(IndexError, match=r"conv2d_1 gives maps of 10 × 14; there is no \(-?\d+, -?\d+\)\."):
            region(graph, node, *place)

    @pytest.mark.parametrize(
        ("place", "words"), [((576, 0), "gives 576 values; there is no value 576"), ((0, 1), "there is no column 1")]
    )
    def test_a_value_that_a_vector_has_not(self, graph: Graph, place: tuple[int, int], words: str) -> None:
        flat = graph.add("Flatten", "input_1")
        with pytest.raises(IndexError, match=words):
            region(graph, flat, *place)

    def test_a_pixel_that_the_picture_has_not(self, graph: Graph) -> None:
        with pytest.raises(IndexError, match="input_1 gives maps of 12 × 16"):
            reach(graph, conv(graph, "input_1"), 12, 0)

    def test_shapes_that_are_not_known(self, graph: Graph) -> None:
        behind = graph.add("ReLU", conv(graph, "input_1", 20))
        for ask in (region, reach):
            with pytest.raises(GraphError, match=r"What relu_1 sees is not known: conv2d_1 has no output shape yet;"):
                ask(graph, behind, 0, 0)

    def test_a_network_without_a_picture(self) -> None:
        graph = Graph()
        node = graph.add("ReLU", graph.add("Input", shape=(64,)))
        for ask in (region, reach):
            with pytest.raises(GraphError, match="takes no picture"):
                ask(graph, node, 0, 0)
        with pytest.raises(GraphError, match="takes no picture"):
            region(Graph.from_state(graph.state), node, 0, 0)

    def test_a_picture_that_does_not_lead_there(self, graph: Graph) -> None:
        second = graph.add("ReLU", graph.add("Input", shape=PICTURE))
        assert region(graph, second, 0, 0) is None
        assert reach(graph, second, 0, 0) is None


@settings(deadline=None)
@given(graph=drawings())
def test_any_drawing_can_be_asked(graph: Graph) -> None:
    """Sizes up to the largest that a drawing may have, and every fault."""
    report = analyze(graph)
    for row in report:
        height, width = _places(row.output_shape or (1,))
        try:
            seen = region(graph, row.id, height - 1, width - 1)
        except GraphError:
            continue
        if seen is None:
            continue
        picture = _places(next(each.output_shape for each in report if each.kind == "Input") or ())
        assert 0 <= seen[0] <= seen[2] < picture[0]
        assert 0 <= seen[1] <= seen[3] < picture[1]
        reached = reach(graph, row.id, seen[0], seen[1])
        assert reached is None or (reached[2] < height and reached[3] < width)


def _places(shape: Shape) -> tuple[int, int]:
    return (shape[0], 1) if len(shape) == 1 else (shape[1], shape[2])
