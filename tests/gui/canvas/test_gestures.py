"""Cards moved, chosen and deleted by hand."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest

CONTROL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier


class TestMoving:
    def test_a_drag_is_one_move_and_can_be_undone(self, desk) -> None:
        conv = desk.id("conv")
        desk.drag(desk.card(conv), desk.card(conv) + QPoint(400, 80))
        assert desk.graph.node(conv).position == (400, 164), "in line with relu"
        assert desk.stack.count() == 1
        assert desk.stack.undoText() == "move conv"
        desk.editor.undo()
        assert desk.graph.node(conv).position == (0, 82)
        assert desk.canvas.mirror.cards[conv].corner == (0, 82)

    def test_falls_on_the_grid_of_eight(self, desk) -> None:
        conv = desk.id("conv")
        desk.drag(desk.card(conv), desk.card(conv) + QPoint(403, 341))
        assert desk.graph.node(conv).position == (400, 424)

    def test_lines_up_with_a_neighbour_that_is_near(self, desk) -> None:
        pool = desk.id("pool")
        desk.drag(desk.card(pool), desk.card(pool) + QPoint(5, 103))
        assert desk.graph.node(pool).position[0] == 0

    def test_all_selected_cards_go_along(self, desk) -> None:
        conv, relu = desk.id("conv"), desk.id("relu")
        desk.canvas.select((conv, relu))
        desk.drag(desk.card(conv), desk.card(conv) + QPoint(320, 0))
        assert desk.graph.node(conv).position == (320, 82)
        assert desk.graph.node(relu).position == (320, 164)
        assert desk.stack.count() == 1
        assert desk.stack.undoText() == "move 2 layers"

    def test_a_trembling_click_moves_nothing(self, desk) -> None:
        conv = desk.id("conv")
        desk.drag(desk.card(conv), desk.card(conv) + QPoint(2, 2))
        assert desk.stack.count() == 0
        assert desk.canvas.selection == (conv,)

    def test_escape_takes_a_drag_back(self, desk) -> None:
        conv = desk.id("conv")
        start = desk.card(conv)
        desk.press(start)
        desk.move(start + QPoint(100, 100))
        assert desk.canvas.mirror.cards[conv].corner != (0, 82)
        desk.key(Qt.Key.Key_Escape)
        assert desk.canvas.mirror.cards[conv].corner == (0, 82)
        desk.release(start + QPoint(100, 100))
        assert desk.stack.count() == 0

    def test_wires_follow_during_the_drag(self, desk) -> None:
        relu = desk.id("relu")
        start = desk.card(relu)
        desk.press(start)
        desk.move(start + QPoint(320, 20))
        scene = desk.canvas.mirror
        for link, wire in scene.wires.items():
            assert wire.points[0] == scene.cards[link.source].output_point()
            assert wire.points[-1] == scene.cards[link.target].input_point(link.port)
        desk.release(start + QPoint(320, 20))


class TestChoosing:
    def test_a_click_selects_one(self, desk) -> None:
        desk.click(desk.card(desk.id("conv")))
        desk.click(desk.card(desk.id("relu")))
        assert desk.names(desk.canvas.selection) == ["relu"]

    def test_control_click_adds_and_takes_away(self, desk) -> None:
        desk.click(desk.card(desk.id("conv")))
        desk.click(desk.card(desk.id("relu")), CONTROL)
        assert desk.names(desk.canvas.selection) == ["conv", "relu"]
        desk.click(desk.card(desk.id("conv")), CONTROL)
        assert desk.names(desk.canvas.selection) == ["relu"]

    def test_a_frame_selects_what_it_touches(self, desk) -> None:
        desk.drag(desk.pixel((-40, 100)), desk.pixel((60, 200)))
        assert desk.names(desk.canvas.selection) == ["conv", "relu"]
        assert not [item for item in desk.canvas.mirror.items() if item.zValue() == 10], "the frame is gone"

    def test_a_click_on_the_paper_selects_nothing(self, desk) -> None:
        desk.canvas.select((desk.id("conv"),))
        desk.click(desk.pixel((450, 500)))
        assert desk.canvas.selection == ()

    def test_a_wire_can_be_selected_and_deleted(self, desk) -> None:
        relu, pool = desk.id("relu"), desk.id("pool")
        desk.graph.move(pool, (0, 400))
        desk.click(desk.pixel((132, 300)))
        assert [(link.source, link.target) for link in desk.canvas.mirror.selected_links] == [(relu, pool)]
        desk.key(Qt.Key.Key_Delete)
        assert ("relu", "pool", 0) not in desk.wires()
        assert desk.stack.undoText() == "disconnect relu from pool"


class TestDeleting:
    def test_delete_heals_the_wire(self, desk) -> None:
        desk.click(desk.card(desk.id("relu")))
        desk.key(Qt.Key.Key_Delete)
        assert desk.wires() == {("input", "conv", 0), ("conv", "pool", 0)}
        assert desk.stack.undoText() == "delete relu"
        desk.editor.undo()
        assert ("conv", "relu", 0) in desk.wires()

    def test_what_came_before_is_selected_then(self, desk) -> None:
        desk.click(desk.card(desk.id("relu")))
        desk.key(Qt.Key.Key_Delete)
        assert desk.names(desk.canvas.selection) == ["conv"]

    def test_all_at_once_is_one_edit(self, desk) -> None:
        desk.key(Qt.Key.Key_A, CONTROL)
        desk.key(Qt.Key.Key_Delete)
        assert len(desk.graph) == 0
        assert desk.stack.undoText() == "delete 4 layers"
        desk.editor.undo()
        assert len(desk.graph) == 4


class TestPaper:
    def test_middle_button_and_space_push_it(self, desk) -> None:
        place = desk.pixel((0, 0))
        desk.drag(QPoint(700, 500), QPoint(640, 470), Qt.MouseButton.MiddleButton)
        assert desk.pixel((0, 0)) == place + QPoint(-60, -30)
        QTest.keyPress(desk.canvas, Qt.Key.Key_Space)
        desk.drag(QPoint(640, 470), QPoint(700, 500))
        QTest.keyRelease(desk.canvas, Qt.Key.Key_Space)
        assert desk.pixel((0, 0)) == place
        assert desk.stack.count() == 0

    def test_zooming_keeps_the_point_under_the_pointer(self, desk) -> None:
        anchor = QPoint(300, 200)
        fixed = desk.canvas.mapToScene(anchor)
        desk.canvas.camera.zoom_by(1.44, anchor)
        moved = desk.canvas.mapFromScene(fixed) - anchor
        assert abs(moved.x()) <= 1
        assert abs(moved.y()) <= 1
        assert desk.canvas.zoom == 1.44

    def test_fit_shows_all_and_never_larger_than_life(self, desk) -> None:
        desk.graph.move(desk.id("pool"), (2000, 2500))
        desk.canvas.camera.fit()
        assert desk.canvas.camera.seen.contains(desk.canvas.camera.content)
        desk.graph.move(desk.id("pool"), (0, 246))
        desk.canvas.camera.fit()
        assert desk.canvas.zoom == 1.0

    def test_a_double_click_on_the_name_renames_in_place(self, desk) -> None:
        conv = desk.id("conv")
        card = desk.canvas.mirror.cards[conv]
        place = desk.pixel(card.mapToScene(card.name_rect().topLeft() + QPointF(12, 12)))
        QTest.mouseDClick(desk.canvas.viewport(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, place)
        line = desk.canvas.viewport().findChild(object, "nameEditor")
        assert line.selectedText() == "conv"
        QTest.keyClicks(line, "first")
        QTest.keyClick(line, Qt.Key.Key_Return)
        assert desk.graph.node(conv).name == "first"
        assert desk.stack.undoText() == "rename conv to first"
        assert card.face.name == "first"

    def test_a_name_that_is_taken_is_refused_in_place(self, desk) -> None:
        desk.canvas.select((desk.id("conv"),))
        desk.key(Qt.Key.Key_F2)
        line = desk.canvas.viewport().findChild(object, "nameEditor")
        QTest.keyClicks(line, "relu")
        QTest.keyClick(line, Qt.Key.Key_Return)
        reason = desk.canvas.viewport().findChild(object, "nameError")
        assert reason.text() == "Another layer is called relu; names are unique."
        QTest.keyClick(line, Qt.Key.Key_Escape)
        assert desk.names((desk.id("conv"),)) == ["conv"]
        assert desk.stack.count() == 0
