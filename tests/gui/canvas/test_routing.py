"""Ways for wires: plain geometry."""

from __future__ import annotations

from itertools import pairwise

import pytest

from cnnstudio.graph import presets
from cnnstudio.graph.routing import Run, route
from cnnstudio.gui.canvas.measures import card_rect, input_port, output_port


def card(x: float, y: float) -> tuple[float, float, float, float]:
    return card_rect((x, y))


def crosses(points: list[tuple[float, float]], box: tuple[float, float, float, float]) -> bool:
    """Whether any stretch of the way runs through the inside of a card."""
    left, top, right, bottom = box
    for (x0, y0), (x1, y1) in pairwise(points):
        if min(x0, x1) < right - 1 and max(x0, x1) > left + 1 and min(y0, y1) < bottom - 1 and max(y0, y1) > top + 1:
            return True
    return False


def test_straight_down_where_nothing_is_between() -> None:
    assert route((132, 60), (132, 82), [card(0, 0), card(0, 82)], []) == [(132, 60), (132, 82)]


def test_every_stretch_is_upright_or_level() -> None:
    points = route((132, 60), (500, 400), [card(0, 0), card(368, 400)], [])
    assert all(a[0] == b[0] or a[1] == b[1] for a, b in pairwise(points))


def test_goes_around_a_card_in_the_way() -> None:
    boxes = [card(0, 0), card(0, 82), card(0, 164)]
    points = route((132, 60), (132, 164), boxes, [])
    assert not any(crosses(points, box) for box in boxes)
    assert max(x for x, _ in points) > 264


def test_goes_up_beside_the_cards() -> None:
    boxes = [card(0, 300), card(330, 100)]
    points = route((132, 360), (462, 100), boxes, [])
    assert points[0] == (132, 360)
    assert points[-1] == (462, 100)
    assert points[-2][1] < 100, "it arrives from above"
    assert not any(crosses(points, box) for box in boxes)


def test_two_sources_do_not_share_a_gutter_track() -> None:
    boxes = [card(0, y) for y in (0, 82, 164, 246, 328)]
    runs: list[Run] = []
    first = route((132, 60), (168, 246), boxes, runs, "a")
    second = route((132, 142), (168, 328), boxes, runs, "b")
    assert {max(x for x, _ in first)} != {max(x for x, _ in second)}


@pytest.mark.parametrize("name", presets.names())
def test_no_wire_of_a_preset_runs_behind_a_card(name: str) -> None:
    graph = presets.load(name)
    corners = {node.id: node.position or (0.0, 0.0) for node in graph.nodes.values()}
    boxes = {node_id: card_rect(corner) for node_id, corner in corners.items()}
    runs: list[Run] = []
    for link in graph.links():
        (sx, sy), (tx, ty) = corners[link.source], corners[link.target]
        ports = len(graph.inputs_of(link.target))
        out, into = output_port(), input_port(link.port, ports)
        points = route(
            (sx + out[0], sy + out[1]), (tx + into[0], ty + into[1]), list(boxes.values()), runs, link.source
        )
        assert not any(crosses(points, box) for box in boxes.values()), link
