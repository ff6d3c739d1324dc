"""A problem says what would mend it, and each way is one command that does so."""

from __future__ import annotations

import pytest

from cnnstudio.graph import CATALOGUE, Graph, Problem, ProblemCode, Severity, analyze, presets, why
from cnnstudio.graph.commands import CARD_PITCH
from cnnstudio.graph.layout import place_all


def layer(kind: str, shape: tuple[int, ...], **params: object) -> Graph:
    graph = Graph()
    graph.add(kind, graph.add("Input", name="image", shape=shape), name="it", **params)
    return graph


def picture(*shape: int) -> Graph:
    graph = Graph()
    graph.add("ReLU", graph.add("Input", name="image", shape=shape))
    return graph


def only(graph: Graph) -> Problem:
    (problem,) = analyze(graph).problems
    return problem


def texts(graph: Graph) -> list[str]:
    return [fix.text for fix in only(graph).fixes]


def mended(graph: Graph, number: int) -> Graph:
    """A copy of the drawing after one of its only problem's fixes."""
    after = graph.copy()
    only(after).fixes[number].command.do(after)
    return after


class TestAStrideThatDoesNotFit:
    @pytest.fixture
    def graph(self) -> Graph:
        return layer("Conv2d", (1, 7, 7), out_channels=4, kernel_size=3, stride=3)

    def test_is_a_warning_that_says_what_would_fit(self, graph: Graph) -> None:
        problem = only(graph)
        assert problem.code is ProblemCode.MISFIT
        assert problem.severity is Severity.WARNING
        assert analyze(graph).errors == ()
        assert problem.message == (
            "it: (7 - 3) / 3 is not whole: 1 row and 1 column at the bottom and right are never seen. "
            "It fits with padding 1 or (0, 2, 0, 2), stride 2 or 1, or kernel size 4."
        )
        assert problem.expected == "padding 1 or (0, 2, 0, 2), stride 2 or 1, or kernel size 4"

    def test_and_each_of_them_does(self, graph: Graph) -> None:
        assert texts(graph) == [
            "Set padding to 1: gives 4 × 3 × 3",
            "Set padding to (0, 2, 0, 2): gives 4 × 3 × 3",
            "Set stride to 2: gives 4 × 3 × 3",
            "Set stride to 1: gives 4 × 5 × 5",
            "Set kernel_size to 4: gives 4 × 2 × 2",
        ]
        for number, fix in enumerate(texts(graph)):
            after = analyze(mended(graph, number))
            assert after.problems == ()
            assert fix.endswith(f"gives 4 × {after['conv2d_1'].output_shape[1]} × {after['conv2d_1'].output_shape[2]}")

    def test_along_one_axis_names_that_axis(self) -> None:
        problem = only(layer("Conv2d", (1, 9, 8), out_channels=4, kernel_size=3, stride=2))
        assert problem.message.startswith("it: (8 - 3) / 2 is not whole: 1 column at the right is never seen.")
        assert problem.expected == "padding (0, 1) or (0, 0, 0, 1), stride (2, 1), or kernel size (3, 4)"

    def test_offers_the_usual_padding_first_even_where_a_row_of_padding_is_left_over(self) -> None:
        graph = layer("Conv2d", (3, 32, 32), out_channels=4, kernel_size=3, stride=2)
        assert texts(graph)[:2] == [
            "Set padding to 1: gives 4 × 16 × 16",
            "Set padding to (0, 1, 0, 1): gives 4 × 16 × 16",
        ]

    def test_is_none_where_only_padding_goes_unseen(self) -> None:
        assert analyze(layer("Conv2d", (1, 28, 28), out_channels=4, kernel_size=3, stride=2, padding=1)).problems == ()

    def test_is_none_where_the_kernel_is_below_the_stride(self) -> None:
        assert analyze(layer("Conv2d", (1, 28, 28), out_channels=4, kernel_size=1, stride=2)).problems == ()

    def test_is_none_for_a_sliver_of_the_picture_which_the_working_tells(self) -> None:
        graph = layer("Conv2d", (3, 224, 224), out_channels=4, kernel_size=11, stride=4)
        assert analyze(graph).problems == ()
        assert why(graph, "conv2d_1", "output_shape").endswith("= 54, 1 pixel is left out at the far edge")

    def test_is_no_matter_of_pooling_which_says_it_in_its_working(self) -> None:
        assert analyze(layer("MaxPool2d", (1, 7, 7), kernel_size=2)).problems == ()

    @pytest.mark.parametrize("name", presets.names())
    def test_is_in_no_preset(self, name: str) -> None:
        assert analyze(presets.load(name)).problems == ()


class TestAShapeWithItsChannelsLast:
    def test_is_a_warning_that_says_what_it_means_here_and_what_was_probably_meant(self) -> None:
        problem = only(picture(32, 32, 3))
        assert (problem.code, problem.severity) == (ProblemCode.MISFIT, Severity.WARNING)
        assert problem.message == (
            "image: 32 channels of 32 × 3 pixels: shapes are channels × height × width, "
            "so perhaps 3 × 32 × 32 is meant."
        )

    @pytest.mark.parametrize("shape", [(32, 32, 3), (28, 28, 1), (480, 640, 3), (640, 480, 4)])
    def test_its_fix_puts_the_channels_first(self, shape: tuple[int, int, int]) -> None:
        graph = picture(*shape)
        meant = (shape[2], *shape[:2])
        assert texts(graph) == [f"Set shape to {meant}"]
        after = analyze(mended(graph, 0))
        assert after.problems == ()
        assert next(iter(after)).output_shape == meant

    @pytest.mark.parametrize(
        "shape",
        [(3, 32, 32), (1, 28, 28), (4, 4, 4), (3, 3, 3), (64, 1, 1), (5, 5, 3), (16, 5, 3), (32, 32, 2), (784,)],
    )
    def test_is_none_of_shapes_that_are_as_usual(self, shape: tuple[int, ...]) -> None:
        assert analyze(picture(*shape)).problems == ()

    @pytest.mark.parametrize("name", presets.names())
    def test_is_none_of_a_preset(self, name: str) -> None:
        assert not any("is meant" in each.message for each in analyze(presets.load(name)).problems)


class TestLinearOnAPicture:
    def test_offers_to_flatten_or_to_pool_with_the_price_of_each(self) -> None:
        graph = layer("Linear", (64, 7, 7), out_features=10)
        assert texts(graph) == [
            "Insert Flatten after image: it then has 31,370 parameters",
            "Insert AdaptiveAvgPool2d (to 1 × 1) and Flatten after image: it then has 650 parameters",
        ]
        for number, parameters in enumerate((31_370, 650)):
            after = analyze(mended(graph, number))
            assert after.problems == ()
            assert after.parameters == parameters

    def test_puts_the_new_cards_between_the_old_ones(self) -> None:
        graph = layer("Linear", (64, 7, 7), out_features=10)
        place_all(graph)
        after = mended(graph, 1)
        places = [node.position for node in after.nodes.values()]
        assert sorted(places) == [(0.0, step * CARD_PITCH[1]) for step in range(4)]
        order = [after.node(each).position for each in after.topological_order()]
        assert order == sorted(order)

    def test_of_one_pixel_needs_no_pooling(self) -> None:
        assert len(texts(layer("Linear", (64, 1, 1), out_features=10))) == 1


class TestBranchesThatDoNotMatch:
    @staticmethod
    def merge(kind: str, **params: object) -> Graph:
        graph = Graph()
        image = graph.add("Input", name="image", shape=(16, 56, 56))
        graph.add(kind, image, graph.add("Conv2d", image, name="conv", **params), name="it")
        return graph

    def test_in_channels_take_a_pointwise_convolution(self) -> None:
        graph = self.merge("Add", out_channels=32, kernel_size=3, padding=1)
        assert texts(graph) == [
            "Insert Conv2d (1×1, 32) after image: 544 more parameters",
            "Insert Conv2d (1×1, 16) after conv: 528 more parameters",
        ]
        before = analyze(graph).parameters
        assert analyze(mended(graph, 0))["add_1"].output_shape == (32, 56, 56)
        assert analyze(mended(graph, 0)).parameters == before + 544

    def test_in_size_take_it_with_a_stride(self) -> None:
        graph = self.merge("Add", out_channels=32, kernel_size=3, padding=1, stride=2)
        graph.set_params("conv2d_1", padding=(1, 1, 1, 1))
        assert texts(graph)[0] == "Insert Conv2d (1×1, stride 2, 32) after image: 544 more parameters"
        assert analyze(mended(graph, 0))["add_1"].output_shape == (32, 28, 28)

    def test_by_a_frame_take_padding(self) -> None:
        graph = self.merge("Add", out_channels=16, kernel_size=3)
        assert texts(graph) == ["Insert Pad2d (pad 1) after conv: no parameters"]
        assert analyze(mended(graph, 0)).errors == ()

    def test_of_no_whole_ratio_take_an_adaptive_pool(self) -> None:
        graph = self.merge("Add", out_channels=16, kernel_size=42)
        assert texts(graph)[0] == "Insert AdaptiveAvgPool2d (to 15 × 15) after image: no parameters"
        assert analyze(mended(graph, 0))["add_1"].output_shape == (16, 15, 15)

    def test_are_joined_by_concat_after_pooling_or_upsampling(self) -> None:
        graph = self.merge("Concat", out_channels=32, kernel_size=2, stride=2)
        assert texts(graph) == [
            "Insert MaxPool2d (2×2) after image: no parameters",
            "Insert Upsample (×2) after conv: no parameters",
        ]
        assert analyze(mended(graph, 0))["concat_1"].output_shape == (48, 28, 28)
        assert analyze(mended(graph, 1))["concat_1"].output_shape == (48, 56, 56)

    def test_of_27_and_13_meet_after_windows_that_overlap(self) -> None:
        for kind, text in (
            ("Concat", "Insert MaxPool2d (3×3, stride 2) after conv: no parameters"),
            ("Add", "Insert Conv2d (3×3, stride 2, 16) after conv: 4,624 more parameters"),
        ):
            graph = Graph()
            image = graph.add("Input", name="image", shape=(16, 27, 27))
            pool = graph.add("MaxPool2d", image, kernel_size=3, stride=2)
            conv = graph.add("Conv2d", image, name="conv", out_channels=32, kernel_size=5, padding=2)
            merge = graph.add(kind, conv, pool, name="it")
            assert texts(graph) == [text]
            assert analyze(mended(graph, 0))[merge].output_shape == (48 if kind == "Concat" else 16, 13, 13)

    def test_of_one_size_are_one_way_to_concat_the_rest(self) -> None:
        graph = self.merge("Concat", out_channels=32, kernel_size=2, stride=2)
        graph.connect(graph.add("MaxPool2d", "input_1", kernel_size=2), "concat_1")
        assert texts(graph) == [
            "Insert MaxPool2d (2×2) after image: no parameters",
            "Insert Upsample (×2) after conv, Upsample (×2) after maxpool2d_1: no parameters",
        ]

    def test_of_maps_and_vectors_meet_as_vectors(self) -> None:
        for kind, text in (
            ("Concat", "Insert Flatten after image: no parameters"),
            ("Add", "Insert Flatten and Linear (5) after image: 245 more parameters"),
        ):
            graph = Graph()
            image = graph.add("Input", name="image", shape=(3, 4, 4))
            flat = graph.add("Flatten", image)
            five, seven = (graph.add("Linear", flat, out_features=size) for size in (5, 7))
            merge = graph.add(kind, image, five, *([seven] if kind == "Concat" else []), name="it")
            if kind == "Add":
                graph.remove(seven)
            assert texts(graph) == [text]
            assert analyze(mended(graph, 0))[merge].output_shape == (60 if kind == "Concat" else 5,)

    def test_several_at_once_are_one_step(self) -> None:
        graph = self.merge("Add", out_channels=32, kernel_size=1)
        graph.connect("input_1", "add_1")
        pointwise = analyze(graph).problems[0].fixes[1]
        assert pointwise.text.count("Conv2d (1×1, 32) after image") == 2
        after = graph.copy()
        pointwise.command.do(after)
        assert analyze(after)["add_1"].output_shape == (32, 56, 56)
        pointwise.command.undo(after)
        assert after == graph

    def test_of_vectors_take_a_linear_layer(self) -> None:
        graph = Graph()
        image = graph.add("Input", name="image", shape=(8,))
        graph.add("Add", image, graph.add("Linear", image, name="fc", out_features=4), name="it")
        assert texts(graph)[0] == "Insert Linear (8) after fc: 40 more parameters"
        assert analyze(mended(graph, 0)).errors == ()


class TestOwnParameters:
    @pytest.mark.parametrize(
        ("kind", "shape", "params", "expected"),
        [
            pytest.param(
                "MaxPool2d",
                (4, 2, 2),
                {"kernel_size": 3},
                ["Set padding to 1: gives 4 × 1 × 1", "Set kernel_size to 2: gives 4 × 1 × 1"],
                id="a window larger than the maps",
            ),
            pytest.param(
                "Conv2d",
                (4, 2, 3),
                {"out_channels": 4, "kernel_size": 5, "dilation": 2},
                ["Set padding to (4, 3): gives 4 × 2 × 1", "Set kernel_size to (1, 2): gives 4 × 2 × 1"],
                id="a dilated one",
            ),
            pytest.param(
                "Conv2d",
                (4, 32, 31),
                {"out_channels": 4, "kernel_size": 3, "stride": 2, "padding": "same"},
                [
                    "Set padding to 1: gives 4 × 16 × 16",
                    "Set padding to (0, 1, 1, 1): gives 4 × 16 × 16",
                    "Set stride to 1",
                ],
                id="same padding with a stride",
            ),
            pytest.param(
                "Conv2d",
                (12, 9, 9),
                {"out_channels": 18, "kernel_size": 1, "groups": 5},
                ["Set groups to 6: gives 18 × 9 × 9", "Set groups to 3: gives 18 × 9 × 9"],
                id="groups that do not divide",
            ),
            pytest.param(
                "Conv2d",
                (12, 9, 9),
                {"out_channels": 10, "kernel_size": 1, "groups": 4},
                [
                    "Set groups to 2: gives 10 × 9 × 9",
                    "Set out_channels to 8: gives 8 × 9 × 9",
                    "Set out_channels to 12",
                ],
                id="kernels that the groups do not divide",
            ),
            pytest.param(
                "GroupNorm",
                (12, 4, 4),
                {"num_groups": 5},
                ["Set num_groups to 4", "Set num_groups to 6"],
                id="norm groups",
            ),
            pytest.param(
                "MaxPool2d",
                (4, 8, 8),
                {"kernel_size": 3, "padding": 2},
                ["Set padding to 1: gives 4 × 3 × 3", "Set kernel_size to 4: gives 4 × 3 × 3"],
                id="padding of more than half a pool",
            ),
            pytest.param(
                "Pad2d",
                (1, 4, 4),
                {"padding": 4, "mode": "reflect"},
                ["Set mode to zeros: gives 1 × 12 × 12", "Set mode to replicate: gives 1 × 12 × 12"],
                id="reflecting more than there is",
            ),
            pytest.param(
                "ConvTranspose2d",
                (1, 4, 4),
                {"out_channels": 3, "kernel_size": 3, "output_padding": 1},
                ["Set output_padding to 0: gives 3 × 6 × 6", "Set stride to 2: gives 3 × 10 × 10"],
                id="output padding of a stride",
            ),
            pytest.param(
                "ConvTranspose2d",
                (1, 1, 1),
                {"out_channels": 3, "kernel_size": 3, "padding": 2},
                ["Set padding to 1: gives 3 × 1 × 1", "Set padding to 0: gives 3 × 3 × 3"],
                id="a transposed convolution that leaves nothing",
            ),
        ],
    )
    def test_that_fit_are_offered(
        self, kind: str, shape: tuple[int, ...], params: dict[str, object], expected: list[str]
    ) -> None:
        graph = layer(kind, shape, **params)
        assert texts(graph) == expected
        for number in range(len(expected)):
            assert analyze(mended(graph, number)).problems == ()

    def test_are_no_help_to_a_vector(self) -> None:
        for kind in ("Conv2d", "MaxPool2d", "Upsample", "InstanceNorm"):
            graph = Graph()
            graph.insert(kind, [graph.add("Input", shape=(9,))], CATALOGUE[kind].first_params())
            assert only(graph).fixes == ()


class TestWires:
    def test_of_a_layer_without_input_come_from_the_only_loose_end(self) -> None:
        graph = Graph()
        graph.add("ReLU", graph.add("Input", shape=(1, 8, 8)), name="last")
        graph.add("Tanh", name="new")
        (fix,) = analyze(graph)["tanh_1"].problems[0].fixes
        assert fix.text == "Connect last to new"
        fix.command.do(graph)
        assert analyze(graph).problems == ()

    def test_are_not_guessed_among_several(self) -> None:
        graph = Graph()
        image = graph.add("Input", shape=(1, 8, 8))
        graph.add("ReLU", image)
        graph.add("ReLU", image)
        graph.add("Tanh", name="new")
        assert analyze(graph)["tanh_1"].problems[0].fixes == ()

    def test_of_a_merge_are_drawn_both_at_once(self) -> None:
        graph = Graph()
        image = graph.add("Input", shape=(1, 8, 8))
        graph.add("ReLU", image, name="left")
        graph.add("Tanh", image, name="right")
        graph.add("Add", name="sum")
        problem = next(each for each in analyze(graph).problems if each.code is ProblemCode.MISSING_INPUT)
        assert [fix.text for fix in problem.fixes] == ["Connect left and right to sum"]
        problem.fixes[0].command.do(graph)
        assert analyze(graph).problems == ()

    def test_where_what_would_arrive_does_not_fit_are_not_offered(self) -> None:
        graph = Graph()
        graph.add("Input", shape=(1, 8, 8))
        graph.add("Linear", out_features=3)
        assert analyze(graph)["linear_1"].problems[0].fixes == ()

    def test_after_an_edit_are_those_of_the_drawing_as_it_is_now(self) -> None:
        graph = Graph()
        first = graph.add("Input", shape=(1, 8, 8))
        graph.add("ReLU", first, name="old")
        graph.add("Tanh", name="new")
        analyze(graph)
        graph.remove("relu_1")
        graph.add("Sigmoid", first, name="old")
        graph.remove("tanh_1")
        graph.add("Tanh", name="new")
        (fix,) = analyze(graph)["tanh_1"].problems[0].fixes
        fix.command.do(graph)
        assert graph.inputs_of("tanh_1") == ("sigmoid_1",)


class TestEnds:
    def test_a_second_input_alike_gives_way_to_the_first(self) -> None:
        graph = Graph()
        first, second = (graph.add("Input", name=name, shape=(1, 8, 8)) for name in ("image", "again"))
        graph.add("Add", first, second)
        (fix,) = only(graph).fixes
        assert fix.text == "Feed from image what again feeds, and delete again"
        fix.command.do(graph)
        assert analyze(graph).problems == ()
        assert graph.inputs_of("add_1") == (first, first)

    def test_another_one_is_left_alone(self) -> None:
        graph = Graph()
        graph.add("Concat", graph.add("Input", shape=(1, 8, 8)), graph.add("Input", shape=(3, 8, 8)))
        assert only(graph).fixes == ()

    def test_a_branch_that_leads_nowhere_can_be_deleted(self) -> None:
        graph = Graph()
        image = graph.add("Input", shape=(1, 8, 8))
        graph.add("ReLU", graph.add("Tanh", image, name="a"), name="b")
        graph.add("Sigmoid", image, name="kept")
        (fix,) = only(graph).fixes
        assert fix.text == "Delete a to b (2 layers): nothing is made of what it gives"
        fix.command.do(graph)
        assert [node.kind for node in graph.nodes.values()] == ["Input", "Sigmoid"]
        assert analyze(graph).problems == ()


def test_the_first_fix_is_the_one_that_a_single_button_makes() -> None:
    problem = only(layer("Linear", (4, 2, 2), out_features=3))
    assert problem.fix is problem.fixes[0].command
    assert only(layer("Conv2d", (4,), out_channels=3, kernel_size=1)).fix is None
