"""What a value sees of the picture, at the middle, under the cursor and by the arrow keys; and what a pixel reaches."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, QRectF, Qt
from PySide6.QtTest import QTest

from cnnstudio.graph import Graph, analyze, presets
from cnnstudio.graph.commands import SetParams
from cnnstudio.gui.builder.field_look import Look, span


def look(graph: Graph, node: str) -> Look:
    report = analyze(graph)
    picture = next(iter(report)).output_shape
    assert picture is not None
    return Look(graph, report, node, (picture[1], picture[2]))


def after(kind: str, shape: tuple[int, ...], **params: object) -> Look:
    graph = Graph()
    return look(graph, graph.add(kind, graph.add("Input", shape=shape), **params))


class TestLook:
    def test_says_exactly_what_a_value_sees(self) -> None:
        here = after("Conv2d", (1, 8, 8), out_channels=1, kernel_size=3, padding=1)
        assert here.seen_text((4, 4)) == "Value (4, 4) sees rows 3–5 and columns 3–5."
        assert here.seen_text((0, 7)) == "Value (0, 7) sees rows 0–1 and columns 6–7."
        assert here.frame((0, 7)) == QRectF(6, -1, 3, 3)

    def test_padding_is_not_seen(self) -> None:
        here = after("Conv2d", (1, 4, 4), out_channels=1, kernel_size=1, padding=2)
        assert here.seen((0, 0)) is None
        assert here.seen_text((0, 0)) == "Value (0, 0) sees padding only, nothing of the picture."

    def test_says_what_a_pixel_reaches(self) -> None:
        here = after("Conv2d", (1, 8, 8), out_channels=1, kernel_size=3, padding=1)
        assert here.reached_text((0, 4)).replace("\u00a0", " ") == (
            "Pixel (0, 4) reaches 2 × 3 values: rows 0–1, columns 3–5."
        )
        strided = after("Conv2d", (1, 8, 8), out_channels=1, kernel_size=1, stride=2)
        assert strided.reached_text((1, 0)) == "Pixel (1, 0) reaches none of its values."

    def test_a_value_is_the_one_that_looks_there(self) -> None:
        here = after("MaxPool2d", (1, 8, 8), kernel_size=2)
        assert [here.nearest((row, 0))[0] for row in range(8)] == [0, 0, 1, 1, 2, 2, 3, 3]
        assert here.middle == (2, 2)

    def test_places_without_a_single_field_are_exact_too(self) -> None:
        here = after("Upsample", (1, 4, 4), scale_factor=2)
        assert here.field is None
        assert here.nearest((3, 0)) == (6, 0)
        assert here.seen_text((6, 0)) == "Value (6, 0) sees row 3 and column 0."

    def test_vectors_are_counted_by_index(self) -> None:
        graph = presets.load("digits-small")
        ids = {node.name: node.id for node in graph.nodes.values()}
        assert look(graph, ids["fc1"]).seen_text((3, 0)) == "Value 3 sees the whole picture."
        assert look(graph, ids["fc1"]).reached_text((0, 0)) == "Pixel (0, 0) reaches all of its values."
        flat = look(graph, ids["flatten1"])
        assert flat.seen_text((0, 0)) == "Value 0 sees rows 0–3 and columns 0–3."
        assert flat.reached_text((0, 0)).startswith("Pixel (0, 0) reaches values 0–")

    def test_what_is_not_known_is_none(self) -> None:
        here = after("Conv2d", (1, 4, 4), out_channels=1, kernel_size=9)
        assert here.shape is None
        assert here.seen((0, 0)) is None
        assert here.reached((0, 0)) is None

    def test_the_drawing_keeps_room_for_what_lies_beyond_the_picture(self) -> None:
        here = after("Conv2d", (1, 9, 9), out_channels=1, kernel_size=3, padding=1)
        assert here.room == QRectF(-1, -1, 11, 11)
        large = after("Conv2d", (1, 9, 9), out_channels=1, kernel_size=41, padding=20)
        assert large.room == QRectF(-3, -3, 15, 15), "a third of the picture at most"

    def test_spans(self) -> None:
        assert (span(2, 6), span(3, 3)) == ("2–6", "3")


class TestPanel:
    def test_begins_with_the_middle_value(self, bench) -> None:
        bench.select("conv1")
        assert bench.find("fieldSize").text().replace("\u00a0", " ") == "3 × 3 pixels"
        assert bench.find("fieldSeen").text() == "Value (4, 4) sees rows 3–5 and columns 3–5."
        assert bench.find("fieldDrawing").seen == QRectF(3, 3, 3, 3)

    def test_the_cursor_moves_it_and_says_what_the_pixel_reaches(self, bench, qtbot) -> None:
        bench.select("conv1")
        drawing = bench.find("fieldDrawing")

        def scrolled_to() -> bool:
            bench.build.properties.currentWidget().ensureWidgetVisible(drawing)
            return drawing.visibleRegion().boundingRect() == drawing.rect()

        qtbot.waitUntil(scrolled_to)
        for pixel in ((1, 5), (0, 5)):  # the first one only brings the cursor in
            QTest.mouseMove(drawing, drawing.point_of(pixel).toPoint())
        qtbot.waitUntil(lambda: drawing.pixel == (0, 5))
        assert drawing.seen == QRectF(4, 0, 3, 2)
        assert bench.find("fieldReached").text().replace("\u00a0", " ") == (
            "Pixel (0, 5) reaches 2 × 3 values: rows 0–1, columns 4–6."
        )
        QTest.mouseMove(bench.build, QPoint(2, 2))
        qtbot.waitUntil(lambda: drawing.pixel is None)
        assert bench.find("fieldSeen").text().startswith("Value (4, 4)")

    def test_the_arrow_keys_go_from_value_to_value(self, bench) -> None:
        bench.select("pool1")
        drawing = bench.find("fieldDrawing")
        drawing.setFocus()
        QTest.keyClick(drawing, Qt.Key.Key_Left)
        QTest.keyClick(drawing, Qt.Key.Key_Up)
        assert bench.find("fieldSeen").text() == "Value (1, 1) sees rows 0–5 and columns 0–5."
        assert drawing.pixel == (2, 2)
        for _ in range(5):
            QTest.keyClick(drawing, Qt.Key.Key_Down)
        assert bench.find("fieldSeen").text().startswith("Value (3, 1) "), "there is no further one"
        assert bench.find("fieldSeen").text() in drawing.accessibleDescription()
        QTest.keyClick(drawing, Qt.Key.Key_Home)
        assert bench.find("fieldSeen").text().startswith("Value (2, 2) ")

    def test_the_whole_picture_has_its_reason(self, bench) -> None:
        bench.select("fc1")
        assert bench.find("fieldSize").text() == "Whole picture"
        assert bench.find("fieldNote").text() == ("Every value depends on all pixels: fc1 takes in all that arrives.")
        assert bench.find("fieldDrawing").seen == QRectF(0, 0, 8, 8)

    def test_what_takes_in_all_that_comes_need_not_see_all_of_the_picture(self, bench) -> None:
        with bench.graph.batch():
            image = bench.graph.add("Input", shape=(1, 7, 7))
            conv = bench.graph.add("Conv2d", image, out_channels=1, kernel_size=3, stride=3)
            pool = bench.graph.add("AdaptiveAvgPool2d", conv, output_size=1, name="pool")
            bench.graph.remove(bench.id("input"))
        bench.build.canvas.select((pool,))
        assert bench.find("fieldSize").text() == "All that comes in"
        assert bench.find("fieldSeen").text() == "Value (0, 0) sees rows 0–5 and columns 0–5."
        assert bench.find("fieldNote").text().startswith("Every value depends on all that comes in: ")
        assert bench.find("fieldNote").text().endswith(" Of the picture that is rows 0–5 and columns 0–5.")

    def test_branches_that_are_not_aligned_are_named(self, bench) -> None:
        with bench.graph.batch():
            image = bench.id("input")
            right = bench.graph.add("Conv2d", image, out_channels=2, kernel_size=2, padding="same", name="right")
            bench.graph.add("Concat", bench.id("conv1"), right, name="merge")
        bench.select("merge")
        assert "conv1 is half a pixel above and half a pixel left of right" in bench.find("fieldNote").text()

    def test_without_a_single_field_the_reason_is_given_and_places_are_exact(self, bench) -> None:
        with bench.graph.batch():
            bench.graph.add("Upsample", bench.id("conv1"), scale_factor=2, name="up")
        bench.select("up")
        assert bench.find("fieldSize").text() == "No single field"
        assert "it makes 2 × 2 places out of each" in bench.find("fieldNote").text().replace("\u00a0", " ")
        assert bench.find("fieldSeen").text() == "Value (8, 8) sees rows 3–5 and columns 3–5."

    def test_a_faulty_layer_says_what_it_waits_for(self, bench) -> None:
        bench.select("conv2")
        bench.editor.run(SetParams(bench.id("conv2"), kernel_size=99))
        assert bench.find("fieldSeen").text() == "It follows once the layer's problem is mended."
        bench.select("relu2")
        assert bench.find("fieldSize").text() == "Not known"
        assert bench.find("fieldSeen").text() == "It follows once what comes in is known."
        assert bench.find("fieldDrawing").seen is None

    @pytest.mark.parametrize("name", ["conv1", "pool1", "fc1", "flatten1"])
    def test_no_text_is_cut_off(self, bench, qtbot, name: str) -> None:
        bench.select(name)
        qtbot.wait(1)
        panel = bench.build.properties.layer.field
        for each in (panel.heading, panel.seen, panel.reached, panel.note):
            if each.isVisible():
                assert each.heightForWidth(each.width()) <= each.height()
                longest = max(each.text().split(), key=len, default="")
                assert each.fontMetrics().horizontalAdvance(longest) <= each.width()
