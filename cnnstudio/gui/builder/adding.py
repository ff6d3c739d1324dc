"""Layers and blocks put into the drawing: after the selection, from a menu, or where they were dropped."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from PySide6.QtCore import QPoint, QPointF
from PySide6.QtWidgets import QWidget
from shiboken6 import isValid

from cnnstudio.graph import GraphError, block
from cnnstudio.graph.commands import Command
from cnnstudio.gui.builder.block_form import BlockForm
from cnnstudio.gui.canvas import Canvas, Cargo
from cnnstudio.gui.canvas.measures import CARD_HEIGHT, CARD_WIDTH, GRID, Point
from cnnstudio.gui.canvas.places import free_place
from cnnstudio.gui.canvas.spots import Spot, block_command, layer_command
from cnnstudio.gui.theme import Theme
from cnnstudio.session import Studio

BESIDE = 12
"""Pixels between the pointer and the form that it opens."""


class Adding:
    """A layer is added at once, a block after a look at its parameters; either is selected and shown then."""

    def __init__(
        self, studio: Studio, theme: Theme, canvas: Canvas, run: Callable[[Command], str], home: QWidget
    ) -> None:
        """`run` does a command or answers why it is refused; forms open over `home`."""
        self._studio, self._theme, self._canvas, self._run, self._home = studio, theme, canvas, run, home
        self._form: BlockForm | None = None

    def append(self, cargo: Cargo, beside: QPoint | None = None) -> None:
        """After the selection; with none, after the output; on an empty canvas, the first.

        `beside`: the place of the screen at which a form may open; the canvas' upper left without.
        """
        self.add(cargo, self._next_spot(), beside)

    def add(self, cargo: Cargo, spot: Spot, beside: QPoint | None = None) -> None:
        """At a spot of the drawing."""
        if cargo.is_block:
            self._ask(cargo.name, spot, self._canvas.mapToGlobal(QPoint(0, 0)) if beside is None else beside)
            return
        command = layer_command(spot, cargo.name)
        if not self._run(command):
            self._canvas.select((command.node_id,), show=True)

    def spot_at(self, point: QPointF) -> Spot:
        """A free spot of the scene."""
        return Spot((round(point.x() / GRID) * GRID, round(point.y() / GRID) * GRID))

    def abandon(self) -> None:
        """Close the form that may be open: the drawing that it speaks of is another one now."""
        if self._form is not None and isValid(self._form):
            self._form.close()
        self._form = None

    def _next_spot(self) -> Spot:
        graph, chosen = self._studio.graph, self._canvas.selection
        after = chosen[-1] if chosen else self._studio.report.output
        return Spot(self._free_corner(), after if after in graph else None)

    def _free_corner(self) -> Point:
        """A free place near the middle of what is seen."""
        if not len(self._studio.graph):
            return 0.0, 0.0
        middle = self._canvas.camera.seen.center()
        wanted = self.spot_at(middle - QPointF(CARD_WIDTH / 2, CARD_HEIGHT / 2)).corner
        assert wanted is not None
        return free_place(self._canvas.mirror.corners(), wanted)

    def _ask(self, name: str, spot: Spot, beside: QPoint) -> None:
        def add(params: Mapping[str, object]) -> str:
            try:
                edit = block_command(self._studio.graph, spot, name, params)
            except GraphError as error:
                return str(error)
            refusal = self._run(edit.command)
            if not refusal:
                self._canvas.select(edit.block.node_ids, show=True)
            return refusal

        self.abandon()
        self._form = form = BlockForm(self._theme, block(name), self._studio.graph, spot, add, self._home)
        form.open_by(self._home.mapFromGlobal(beside) + QPoint(BESIDE, -BESIDE))
