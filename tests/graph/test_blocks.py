"""Blocks: what each one draws, and how it comes into a drawing and out again."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cnnstudio.graph import (
    BLOCKS,
    AddBlock,
    AppendBlock,
    Graph,
    GraphError,
    InsertBlock,
    Link,
    ParameterError,
    Report,
    Row,
    UnknownNodeError,
    analyze,
    block,
    presets,
)
from cnnstudio.graph.blocks import Pencil, UnknownBlockError
from cnnstudio.graph.commands import CARD_PITCH, AppendAfter, RemoveNodes
from cnnstudio.graph.shapes import Shape

X, STEP = CARD_PITCH
SMALL = [name for name in presets.names() if presets.info(name).cards < 80]


def drawn(*shape: int) -> Graph:
    """input, conv, pool; cards in one column."""
    graph = Graph()
    pencil = Pencil(graph)
    pencil.input(*shape)
    pencil.conv(64, 3, padding=1)
    pencil.max_pool()
    for row, node_id in enumerate(graph.nodes):
        graph.move(node_id, (0, row * STEP))
    return graph


def append(graph: Graph, name: str, after: str = "maxpool2d_1", **params: object) -> AppendBlock:
    command = AppendBlock(after, name, {**BLOCKS[name].first_params(), **params})
    command.do(graph)
    return command


def behind(graph: Graph, command: AppendBlock | AddBlock) -> list[Row]:
    report = analyze(graph)
    return [report[node_id] for node_id in command.node_ids]


def end(report: Report) -> Shape | None:
    assert report.output is not None
    return report[report.output].output_shape


class TestEveryBlock:
    @pytest.mark.parametrize("name", BLOCKS)
    def test_is_declared_once(self, name: str) -> None:
        declared = block(name)
        assert declared is BLOCKS[name]
        assert declared.name == name
        assert declared.title
        assert 0 < len(declared.help) <= 26, "one line of the palette"
        for param in declared.params:
            assert param.check(param.first_value) == param.first_value
            assert param.label
            assert param.help.endswith(".")

    @pytest.mark.parametrize("name", BLOCKS)
    def test_fits_behind_maps_as_it_is_first_drawn(self, name: str) -> None:
        graph = drawn(3, 32, 32)
        append(graph, name)
        assert analyze(graph).problems == ()

    @pytest.mark.parametrize("name", BLOCKS)
    def test_can_be_repeated(self, name: str) -> None:
        graph = drawn(3, 64, 64)
        tip = "maxpool2d_1"
        for _ in range(3):
            append(graph, name, tip)
            tip = analyze(graph).output or ""
        assert analyze(graph).problems == ()

    @pytest.mark.parametrize("name", BLOCKS)
    def test_refuses_what_it_does_not_have(self, name: str) -> None:
        title = BLOCKS[name].title
        with pytest.raises(ParameterError, match=f"{title} has no parameter wings"):
            BLOCKS[name].check({"wings": 2})
        first = BLOCKS[name].params[0].name
        with pytest.raises(ParameterError, match=f"{title}: {first} is 0; it takes a whole number from 1"):
            BLOCKS[name].check({**BLOCKS[name].first_params(), first: 0})

    def test_an_unknown_name_is_answered_with_the_nearest(self) -> None:
        with pytest.raises(UnknownBlockError, match=r"There is no block 'incept'\. Nearest: inception"):
            block("incept")


class TestWhatTheyDraw:
    def test_conv_bn_relu(self) -> None:
        graph = drawn(3, 32, 32)
        rows = behind(graph, append(graph, "conv-bn-relu", out_channels=8, stride=2))
        assert [(row.kind, row.output_shape) for row in rows] == [
            ("Conv2d", (8, 8, 8)),
            ("BatchNorm", (8, 8, 8)),
            ("ReLU", (8, 8, 8)),
        ]
        assert rows[0].parameters == 8 * 64 * 9, "the normalization has the bias"

    def test_vgg(self) -> None:
        graph = drawn(3, 32, 32)
        rows = behind(graph, append(graph, "vgg", out_channels=128, convolutions=3))
        assert [row.kind for row in rows] == ["Conv2d", "ReLU"] * 3 + ["MaxPool2d"]
        assert rows[-1].output_shape == (128, 8, 8)

    def test_nin(self) -> None:
        graph = drawn(3, 32, 32)
        rows = behind(graph, append(graph, "nin", channels=192, hidden=160, out_channels=96, kernel_size=5, padding=2))
        weights = [row.weights["weight"] for row in rows if row.kind == "Conv2d"]
        assert weights == [(192, 64, 5, 5), (160, 192, 1, 1), (96, 160, 1, 1)]
        assert rows[-1].output_shape == (96, 16, 16)

    def test_inception_has_the_numbers_of_block_3a(self) -> None:
        graph = drawn(3, 32, 32)
        rows = {row.name: row for row in behind(graph, append(graph, "inception"))}
        assert rows["inc1_concat"].output_shape == (64 + 128 + 32 + 32, 16, 16)
        branches = [graph.node(each or "").kind for each in graph.inputs_of(rows["inc1_concat"].id)]
        assert branches == ["ReLU"] * 4
        assert rows["inc1_5x5"].weights["weight"] == (32, 16, 5, 5)
        assert rows["inc1_pool_proj"].weights["weight"] == (32, 64, 1, 1)

    @pytest.mark.parametrize(
        ("name", "params", "projects"),
        [
            ("residual", {"out_channels": 64, "stride": 1}, False),
            ("residual", {"out_channels": 64, "stride": 2}, True),
            ("residual", {"out_channels": 32, "stride": 1}, True),
            ("bottleneck", {"channels": 16, "stride": 1}, False),
            ("bottleneck", {"channels": 16, "stride": 2}, True),
            ("bottleneck", {"channels": 64, "stride": 1}, True),
        ],
    )
    def test_a_shortcut_gets_a_convolution_only_where_the_shape_changes(
        self, name: str, params: dict[str, int], projects: bool
    ) -> None:
        graph = drawn(3, 32, 32)
        rows = behind(graph, append(graph, name, **params))
        (merge,) = [row for row in rows if row.kind == "Add"]
        shortcut = graph.inputs_of(merge.id)[1]
        assert (shortcut == "maxpool2d_1") is not projects
        channels = params.get("out_channels", 4 * params.get("channels", 0))
        assert rows[-1].output_shape == (channels, 16 // params["stride"], 16 // params["stride"])
        assert analyze(graph).problems == ()

    def test_a_bottleneck_strides_on_its_3_by_3(self) -> None:
        graph = drawn(3, 32, 32)
        command = append(graph, "bottleneck", channels=16, stride=2)
        convs = [graph.node(each).params for each in command.node_ids if graph.node(each).kind == "Conv2d"]
        assert [(params["kernel_size"], params["stride"]) for params in convs] == [(1, 1), (3, 2), (1, 1), (1, 2)]

    def test_presets_are_drawn_from_them(self) -> None:
        """GoogLeNet up to its second stage, put together by hand."""
        graph = Graph()
        pencil = Pencil(graph)
        pencil.input(192, 28, 28)
        append(graph, "inception", pencil.tip)
        theirs = presets.load("googlenet")
        ours = [graph.node(each) for each in graph.topological_order()[1:]]
        begin = next(number for number, row in enumerate(analyze(theirs)) if row.name == "inc1_1x1")
        nodes = [theirs.node(row.id) for row in analyze(theirs)][begin : begin + len(ours)]
        assert [(node.kind, node.params) for node in ours] == [(node.kind, node.params) for node in nodes]


class TestAppending:
    def test_what_the_layer_fed_is_fed_by_the_block_s_end(self) -> None:
        graph = presets.load("lenet5-cs231n")
        command = append(graph, "inception")
        concat = command.node_ids[-1]
        assert graph.inputs_of("conv2d_2") == (concat,)
        begun = {link.target for link in graph.links_from("maxpool2d_1")}
        assert begun <= set(command.node_ids)
        assert len(begun) == 4
        assert command.text == "add Inception block after pool1"
        assert analyze(graph).problems == ()

    @pytest.mark.parametrize("name", BLOCKS)
    def test_can_be_undone_and_redone_exactly(self, name: str) -> None:
        graph = presets.load("lenet5-cs231n")
        heard: list[object] = []
        graph.subscribe(heard.append)
        before = graph.state
        command = append(graph, name)
        after = graph.state
        assert len(command.node_ids) == len(graph) - len(before.nodes)
        for _ in range(2):
            command.undo(graph)
            assert graph.state == before
            command.do(graph)
            assert graph.state == after
        assert len(heard) == 5

    def test_names_go_on_counting_and_never_clash(self) -> None:
        graph = presets.load("lenet5-cs231n")
        assert [graph.node(each).name for each in append(graph, "conv-bn-relu").node_ids] == ["conv3", "bn1", "relu4"]
        first = append(graph, "inception")
        RemoveNodes([first.node_ids[-1]]).do(graph)
        second = append(graph, "inception")
        assert {graph.node(each).name for each in second.node_ids} >= {"inc2_concat", "inc2_5x5"}

    @pytest.mark.parametrize(
        ("command", "error", "words"),
        [
            (AppendBlock("ghost", "vgg", {"out_channels": 8}), UnknownNodeError, "ghost"),
            (AppendBlock("conv2d_1", "vggg", {}), UnknownBlockError, "Nearest: vgg"),
            (AppendBlock("conv2d_1", "vgg", {}), ParameterError, "VGG block needs out_channels"),
            (AddBlock("vgg", {"out_channels": 8, "convolutions": 0}), ParameterError, "convolutions is 0"),
            (AddBlock("vgg", {"out_channels": 8}, (0, float("nan"))), GraphError, "finite"),
        ],
    )
    def test_what_is_refused_changes_nothing(
        self, command: AppendBlock | AddBlock, error: type[GraphError], words: str
    ) -> None:
        graph = presets.load("lenet5-cs231n")
        before = graph.state
        with pytest.raises(error, match=words):
            command.do(graph)
        assert graph.state == before
        assert command.node_ids == () or not set(command.node_ids) & set(graph.nodes)

    def test_behind_what_is_not_known_the_shortcut_stays_a_wire(self) -> None:
        graph = Graph()
        loose = graph.add("ReLU")
        rows = behind(graph, append(graph, "residual", loose, out_channels=8))
        assert [row.kind for row in rows] == ["Conv2d", "BatchNorm", "ReLU", "Conv2d", "BatchNorm", "Add", "ReLU"]

    def test_behind_a_vector_it_is_drawn_and_the_fault_is_named_once(self) -> None:
        graph = presets.load("lenet5-cs231n")
        append(graph, "vgg", "flatten_1")
        assert [problem.node for problem in analyze(graph).problems] == ["conv2d_3"]


class TestInserting:
    def test_a_block_goes_into_one_wire_and_leaves_the_others(self) -> None:
        graph = presets.load("resnet20-cifar10")
        before = graph.state
        start = next(each for each in graph.nodes if len(graph.links_from(each)) == 2)
        into, around = graph.links_from(start)
        command = InsertBlock(into, "conv-bn-relu", {"out_channels": 16})
        command.do(graph)
        assert command.text == f"insert Conv-BN-ReLU before {graph.node(into.target).name}"
        assert graph.inputs_of(into.target)[into.port] == command.node_ids[-1]
        assert graph.inputs_of(command.node_ids[0]) == (start,)
        assert graph.inputs_of(around.target)[around.port] == start
        assert analyze(graph).problems == ()
        command.undo(graph)
        assert graph.state == before

    def test_without_the_wire_nothing_is_drawn(self) -> None:
        graph = drawn(3, 32, 32)
        before = graph.state
        for link in (Link("input_1", "maxpool2d_1", 0), Link("ghost", "maxpool2d_1", 0)):
            with pytest.raises(GraphError, match="There is no"):
                InsertBlock(link, "inception", BLOCKS["inception"].first_params()).do(graph)
            assert graph.state == before


class TestPlaces:
    def test_a_chain_stands_below_and_moves_down_what_is_in_its_way(self) -> None:
        graph = presets.load("lenet5-cs231n")
        command = append(graph, "vgg")
        assert [graph.node(each).position for each in command.node_ids] == [(0, row * STEP) for row in range(4, 9)]
        assert graph.node("maxpool2d_1").position == (0, 3 * STEP), "what stands above stays"
        assert graph.node("conv2d_2").position == (0, 9 * STEP)
        assert graph.node("linear_2").position == (0, 15 * STEP)

    def test_branches_stand_beside_each_other_in_the_order_of_the_merge(self) -> None:
        graph = drawn(3, 32, 32)
        append(graph, "inception")
        places = {node.name: node.position for node in graph.nodes.values()}
        assert [places[f"inc1_{part}"] for part in ("1x1", "3x3_reduce", "5x5_reduce", "pool")] == [
            (column * X, 3 * STEP) for column in range(4)
        ]
        assert places["inc1_concat"] == (0, 7 * STEP)

    def test_with_room_below_nothing_moves(self) -> None:
        graph = presets.load("lenet5-cs231n")
        before = {node.id: node.position for node in graph.nodes.values()}
        command = append(graph, "vgg", "linear_2")
        after = {node.id: node.position for node in graph.nodes.values() if node.id not in command.node_ids}
        assert after == before

    def test_behind_a_card_without_a_place_there_is_none(self) -> None:
        graph = Graph()
        command = append(graph, "vgg", graph.add("Input", shape=(3, 8, 8)))
        assert all(graph.node(each).position is None for each in command.node_ids)


class TestAdding:
    def test_a_block_stands_where_it_is_dropped(self) -> None:
        graph = presets.load("lenet5-cs231n")
        command = AddBlock("vgg", {"out_channels": 8}, (500, 100))
        command.do(graph)
        assert command.text == "add VGG block"
        assert [graph.node(each).position for each in command.node_ids] == [(500, 100 + row * STEP) for row in range(5)]

    def test_or_below_all_others(self) -> None:
        graph = presets.load("lenet5-cs231n")
        command = AddBlock("vgg", {"out_channels": 8})
        command.do(graph)
        assert graph.node(command.node_ids[0]).position == (0, 12 * STEP)

    @pytest.mark.parametrize("name", BLOCKS)
    def test_one_wire_connects_it(self, name: str) -> None:
        """What will arrive is not known yet: a shortcut is a plain wire, and takes as many channels as leave."""
        graph = Graph()
        command = AddBlock(name, BLOCKS[name].first_params())
        command.do(graph)
        open_ports = [each for each in command.node_ids if not any(graph.inputs_of(each))]
        assert len(open_ports) == 1
        channels = 256 if name == "bottleneck" else 64
        graph.connect(graph.add("Input", shape=(channels, 16, 16)), open_ports[0])
        assert analyze(graph).problems == ()


@settings(deadline=None)
@given(data=st.data())
def test_any_block_goes_behind_any_layer(data: st.DataObject) -> None:
    graph = presets.load(data.draw(st.sampled_from(SMALL)))
    before = graph.state
    commands = []
    for _ in range(data.draw(st.integers(1, 3))):
        name = data.draw(st.sampled_from(sorted(BLOCKS)))
        after = data.draw(st.sampled_from(list(graph.nodes)))
        commands.append(append(graph, name, after))
    places = [node.position for node in graph.nodes.values()]
    assert None not in places
    for number, (x, y) in enumerate(place for place in places if place is not None):
        for other in places[:number]:
            assert other is not None
            assert abs(x - other[0]) >= X * 0.8 or abs(y - other[1]) >= STEP * 0.9, "no card covers another"
    assert len({node.name for node in graph.nodes.values()}) == len(graph)
    for command in reversed(commands):
        command.undo(graph)
    assert graph.state == before


def test_a_layer_can_follow_a_block() -> None:
    graph = drawn(3, 32, 32)
    concat = append(graph, "inception").node_ids[-1]
    AppendAfter(concat, "BatchNorm", {}).do(graph)
    assert end(analyze(graph)) == (256, 16, 16)
