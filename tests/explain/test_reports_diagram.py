"""The network as a picture: valid SVG with all that is asked of it, and no card or wire upon another card."""

from __future__ import annotations

import re
from itertools import pairwise
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnnstudio.explain.reports import render
from cnnstudio.explain.reports.cards import NARROWEST, WIDEST
from cnnstudio.explain.reports.diagram import diagram
from cnnstudio.explain.reports.ink import DARK, LIGHT, fitted, text_width
from cnnstudio.explain.reports.placing import MOST_CROSSING, TALLEST, Plan, plan
from cnnstudio.graph import Graph, analyze, presets

SVG = "{http://www.w3.org/2000/svg}"
WIDTH, HEIGHT = 264.0, 64.0


def parsed(text: str) -> ElementTree.Element:
    return ElementTree.fromstring(text)


def words(root: ElementTree.Element) -> list[str]:
    return [each.text or "" for each in root.iter(f"{SVG}text")]


def chain(layers: int) -> Graph:
    graph = Graph()
    tip = graph.add("Input", shape=(3, 8, 8))
    for _ in range(layers - 1):
        tip = graph.add("ReLU", tip)
    return graph


def laid_out(graph: Graph) -> Plan:
    return plan(graph, dict.fromkeys(graph.nodes, HEIGHT), WIDTH)


@st.composite
def networks(draw: st.DrawFn) -> Graph:
    graph = Graph()
    graph.add("Input", shape=(3, 8, 8))
    for _ in range(draw(st.integers(0, 40))):
        sources = draw(st.lists(st.sampled_from(list(graph.nodes)[-6:]), min_size=1, max_size=3, unique=True))
        graph.add("Add" if len(sources) > 1 else "ReLU", *sources)
    return graph


@pytest.mark.parametrize("name", presets.names())
def test_every_layer_has_a_card_with_its_figures(name: str) -> None:
    graph = presets.load(name)
    report = analyze(graph)
    root = parsed(diagram(graph, report, name))
    assert root.get("version") == "1.1"
    said = words(root)
    cards = [group for group in root.iter(f"{SVG}g") if group.find(f"{SVG}title") is not None]
    assert len(cards) == len(report)
    for card, row in zip(cards, report, strict=True):
        told = card.findtext(f"{SVG}title") or ""
        assert told.startswith(f"{row.name}: ")
        if row.parameters:
            assert f"= {row.parameters:,}\n" in told, "with its formula"
    assert name in said
    assert any(f"{report.parameters:,} parameters" in each and f"{report.macs:,} MACs" in each for each in said)


def test_what_a_card_says() -> None:
    said = words(parsed(render(presets.load("lenet5-caffe"), "svg")))
    place = said.index("conv2")
    assert said[place : place + 5] == ["conv2", "50 × 8 × 8", "Conv2d 5×5, 50", "sees 14 × 14", "25,050 params"]
    place = said.index("pool2")
    assert said[place : place + 4] == ["pool2", "50 × 4 × 4", "MaxPool2d 2×2", "sees 16 × 16"]
    assert said.count("whole picture") == 3  # the Linear layers, and the activation between them


def test_names_are_escaped_and_control_characters_replaced() -> None:
    graph = Graph()
    graph.add("Input", shape=(1, 8, 8), name="<b>&\"'x")
    root = parsed(render(graph, "svg", title="a\x00b]]>&amp;<script>"))
    assert "<b>&\"'x" in words(root)
    assert root.findtext(f"{SVG}title") == "a\ufffdb]]>&amp;<script>"
    assert not list(root.iter(f"{SVG}script"))


def test_a_faulty_layer_says_so_on_its_card() -> None:
    graph = Graph()
    graph.add("Linear", graph.add("Input", shape=(1, 8, 8)), out_features=10, name="scores")
    root = parsed(render(graph, "svg"))
    assert any(each.startswith("Linear takes a vector") for each in words(root))
    assert LIGHT["danger"] in {rect.get("stroke") for rect in root.iter(f"{SVG}rect")}
    assert any("1 fault" in each for each in words(root))


def test_a_network_without_layers_is_a_sheet_with_a_title() -> None:
    assert words(parsed(render(Graph(), "svg")))[0] == "Network"


def test_nothing_is_fetched_from_elsewhere() -> None:
    root = parsed(render(presets.load("notes-cifar10"), "svg"))
    ids = {each.get("id") for each in root.iter() if each.get("id")}
    links = {each.get("{http://www.w3.org/1999/xlink}href") for each in root.iter(f"{SVG}use")}
    assert links == {f"#{each}" for each in ids}
    assert not {each.tag for each in root.iter()} & {f"{SVG}image", f"{SVG}script", f"{SVG}foreignObject"}
    assert "url(" not in render(presets.load("notes-cifar10"), "svg")


def test_it_is_light_and_turns_dark_with_the_system() -> None:
    text = render(presets.load("lenet5-caffe"), "svg")
    root = parsed(text)
    style = root.findtext(f"{SVG}style") or ""
    assert style.startswith("@media (prefers-color-scheme: dark)")
    rules = dict(re.findall(r"\.([fs]-\w+)\{\w+:(#\w+)\}", style))
    for element in root.iter():
        for each in (element.get("class") or "").split():
            assert rules[each] == DARK[each[2:]]
            assert LIGHT[each[2:]] == element.get("fill" if each[0] == "f" else "stroke")


@pytest.mark.parametrize(("look", "colours", "others"), [("light", LIGHT, DARK), ("dark", DARK, LIGHT)])
def test_a_fixed_look_has_its_own_colours_only(look: str, colours, others) -> None:
    graph = presets.load("notes-cifar10")
    used = set(re.findall(r"#[0-9A-F]{6}\b", diagram(graph, analyze(graph), "", look)))
    assert used <= set(colours.values())
    assert not used & (set(others.values()) - set(colours.values()))


# ---------------------------------------------------------------- places


def check(graph: Graph) -> None:
    found = laid_out(graph)
    boxes = {each: (x, y, x + WIDTH, y + HEIGHT) for each, (x, y) in found.corners.items()}
    assert boxes.keys() == graph.nodes.keys()
    left, top, right, bottom = found.extent
    for one, box in boxes.items():
        assert left <= box[0]
        assert top <= box[1]
        assert box[2] <= right
        assert box[3] <= bottom
        for other, their in boxes.items():
            apart = box[2] <= their[0] or their[2] <= box[0] or box[3] <= their[1] or their[3] <= box[1]
            assert one == other or apart
    arrivals = [wire.points[-1] for wire in found.wires if wire.arrives]
    assert len(arrivals) == len(graph.links())
    for x, y in arrivals:
        assert any(box[0] < x < box[2] and y == box[1] for box in boxes.values()), "a wire ends at a card's upper edge"


def crossed(found: Plan) -> int:
    """How many stretches of wires run through the inside of a card."""
    boxes = [(x, y, x + WIDTH, y + HEIGHT) for x, y in found.corners.values()]
    return sum(
        min(x0, x1) < box[2] - 1 and max(x0, x1) > box[0] + 1 and min(y0, y1) < box[3] - 1 and max(y0, y1) > box[1] + 1
        for wire in found.wires
        for (x0, y0), (x1, y1) in pairwise(wire.points)
        for box in boxes
    )


@given(graph=networks())
def test_any_network_finds_its_places(graph: Graph) -> None:
    check(graph)


@pytest.mark.parametrize("name", presets.names())
def test_no_wire_of_a_preset_runs_through_a_card(name: str) -> None:
    graph = presets.load(name)
    check(graph)
    assert crossed(laid_out(graph)) == 0


def test_a_tall_network_stands_in_columns_each_led_over_to_the_next() -> None:
    assert len({x for x, _ in laid_out(chain(10)).corners.values()}) == 1
    found = laid_out(chain(200))
    left = sorted({x for x, _ in found.corners.values()})
    assert len(left) > 3
    over = [wire for wire in found.wires if not wire.arrives]
    assert len(over) == len(left) - 1
    assert found.extent[3] - found.extent[1] < 3 * TALLEST
    ends = [wire.points[-1] for wire in over]
    assert [x for x, _ in ends] == [x + WIDTH / 2 for x in left[1:]]


def test_a_residual_network_is_cut_between_its_blocks() -> None:
    found = laid_out(presets.load("resnet20-cifar10"))
    columns = {x for x, _ in found.corners.values()}
    assert len(columns) > 1
    starts = [wire.points[-1] for wire in found.wires if not wire.arrives]
    assert len(starts) == len(set(starts)), "one wire crosses each cut"
    assert len({x for x, _ in starts}) == len(starts)


def test_a_network_is_not_cut_where_many_wires_cross() -> None:
    graph = Graph()
    outputs = [graph.add("Input", shape=(3, 8, 8))]
    for _ in range(40):
        outputs.append(graph.add("ReLU", graph.add("Concat", *outputs)))
    graph.add("Concat", *outputs)
    found = laid_out(graph)
    check(graph)
    assert len([wire for wire in found.wires if not wire.arrives]) <= MOST_CROSSING
    assert found.extent[3] - found.extent[1] > 2 * TALLEST


def test_cards_are_as_wide_as_the_longest_name_needs_and_no_wider_than_is_good() -> None:
    def width(name: str) -> float:
        graph = Graph()
        graph.add("ReLU", graph.add("Input", shape=(3, 224, 224)), name=name)
        root = parsed(render(graph, "svg"))
        (found,) = {float(each.get("width", 0)) for each in root.iter(f"{SVG}rect") if each.get("rx") == "8"}
        return found

    assert width("relu1") == NARROWEST
    assert NARROWEST < width("inception1_3x3_reduce") < WIDEST
    assert width("w" * 64) == WIDEST


# ---------------------------------------------------------------- texts


def test_texts_that_are_too_wide_end_in_an_ellipsis() -> None:
    assert fitted("conv1", 13, 100) == "conv1"
    short = fitted("a_very_long_name_of_a_layer", 13, 100)
    assert short.endswith("…")
    assert text_width(short, 13) <= 100
    assert text_width("名前", 12) == 24
