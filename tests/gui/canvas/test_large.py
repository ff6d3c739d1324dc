"""Large drawings: what an edit makes anew, and how they look from afar."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPointF

from cnnstudio.graph import Node, Row, analyze, presets
from cnnstudio.graph.commands import AppendAfter, Move, SetParams
from cnnstudio.graph.specs import LayerSpec
from cnnstudio.gui.canvas import scene as scene_module
from cnnstudio.gui.canvas.card import VERY_FAR, CardItem
from cnnstudio.gui.canvas.faces import Face
from cnnstudio.gui.canvas.wire import WireItem


@pytest.fixture
def large(put_on_desk):
    """ResNet-50: 176 cards."""
    return put_on_desk(presets.load("resnet50"))


@pytest.fixture
def faces(large, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Names of the layers whose faces have been made since."""
    made: list[str] = []
    make = scene_module.face_of

    def noting(node: Node, spec: LayerSpec, row: Row | None) -> Face:
        made.append(node.name)
        return make(node, spec, row)

    monkeypatch.setattr(scene_module, "face_of", noting)
    return made


@pytest.fixture
def painted(large, monkeypatch: pytest.MonkeyPatch) -> set[object]:
    """Cards and wires that have asked to be painted anew since."""
    asked: set[object] = set()
    for kind in (CardItem, WireItem):
        update = kind.update
        monkeypatch.setattr(kind, "update", lambda item, update=update: (asked.add(item), update(item)))
    return asked


def test_an_edit_makes_anew_only_the_faces_that_it_changes(large, faces) -> None:
    conv = large.id("conv20")
    large.run(SetParams(conv, bias=True))
    assert faces == ["conv20"]
    assert large.canvas.mirror.cards[conv].face.count == large.report[conv].parameters


def test_the_same_figures_again_change_nothing(large, faces, painted) -> None:
    report = large.report
    large.canvas.set_report(report)
    faces.clear()
    painted.clear()
    large.canvas.set_report(report)
    assert not faces
    assert not painted


def test_only_what_looks_different_is_painted_anew(large, painted) -> None:
    conv = large.id("conv20")
    large.run(SetParams(conv, padding_mode="reflect"))
    assert painted <= {large.canvas.mirror.cards[conv]}


def test_a_card_that_moves_takes_along_its_own_wires_only(large, painted) -> None:
    last = large.id("fc1")
    x, y = large.canvas.mirror.cards[last].corner
    large.run(Move({last: (x, y + 16)}))
    wires = {item.link for item in painted if isinstance(item, WireItem)}
    assert {link.target for link in wires} == {last}


def test_the_share_of_every_card_follows_the_total(large) -> None:
    large.run(SetParams(large.id("fc1"), out_features=5))
    cards, report = large.canvas.mirror.cards, large.report
    for row in report:
        assert cards[row.id]._share == pytest.approx((row.parameters or 0) / report.parameters)


def test_a_card_says_whether_it_feeds_another_one(large) -> None:
    last = large.id("fc1")
    assert not large.canvas.mirror.cards[last]._feeds
    large.run(AppendAfter(last, "Softmax", {}))
    assert large.canvas.mirror.cards[last]._feeds


def test_what_is_under_the_pointer_is_found_among_many(large) -> None:
    scene = large.canvas.mirror
    for name in ("conv1", "add3", "fc1"):
        card = scene.cards[large.id(name)]
        middle = card.sceneBoundingRect().center()
        assert [each.node_id for each in scene.cards_near(middle)] == [card.node_id]
        assert scene.cards_near(QPointF(middle.x(), card.y() - 3), 5.0) == [card]
        assert scene.cards_near(QPointF(card.x() - 20, middle.y())) == []


def test_the_content_is_what_all_cards_cover(large) -> None:
    content = large.canvas.mirror.content_rect()
    for card in large.canvas.mirror.cards.values():
        assert content.contains(card.sceneBoundingRect())
    edges = [card.sceneBoundingRect() for card in large.canvas.mirror.cards.values()]
    assert content.top() == min(each.top() for each in edges)
    assert content.bottom() == max(each.bottom() for each in edges)
    assert content.right() == max(each.right() for each in edges)


def test_all_of_the_largest_preset_can_be_seen_at_once(put_on_desk) -> None:
    desk = put_on_desk(presets.load("resnet152"))
    desk.canvas.camera.fit()
    assert desk.canvas.camera.seen.contains(desk.canvas.camera.content)


def test_from_afar_a_card_is_a_block_in_the_colour_of_its_family(large) -> None:
    canvas = large.canvas
    canvas.camera.set_zoom(VERY_FAR / 2)
    card = canvas.mirror.cards[large.id("conv4")]
    canvas.camera.centre_on(card.sceneBoundingRect().center())
    picture = canvas.viewport().grab().toImage()
    area = canvas.mapFromScene(card.mapRectToScene(card.shape().boundingRect())).boundingRect().adjusted(2, 2, -2, -2)
    columns, rows = range(area.left(), area.right()), range(area.top(), area.bottom())
    colors = {picture.pixelColor(x, y).name() for x in columns for y in rows}
    assert colors == {canvas.mirror.style_now.colors["convolution"].name()}


def test_wires_are_where_they_would_be_if_all_were_drawn_anew(large) -> None:
    fresh = {link: wire.points for link, wire in large.canvas.mirror.wires.items()}
    large.canvas.mirror.route_wires()
    assert {link: wire.points for link, wire in large.canvas.mirror.wires.items()} == fresh
    assert analyze(large.graph).parameters == 25_557_032


def test_all_can_be_deleted_at_once_and_the_selection_is_told_once(large) -> None:
    told: list[tuple[str, ...]] = []
    large.canvas.select_all()
    large.canvas.selection_changed.connect(told.append)
    large.canvas.delete_selection()
    assert not large.canvas.mirror.cards
    assert not large.canvas.mirror.wires
    assert told == [()]
    large.editor.undo()
    assert len(large.canvas.mirror.cards) == len(large.graph)
