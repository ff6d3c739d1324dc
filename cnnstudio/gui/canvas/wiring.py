"""Drawing wires by dragging between ports, and taking them off. Whether a wire may be is asked from the graph."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication, QPoint, QPointF, Qt
from PySide6.QtWidgets import QApplication

from cnnstudio.graph import Graph, GraphError, Link, PortError
from cnnstudio.graph.commands import Command, Connect, Disconnect, Group
from cnnstudio.gui.canvas.board import Board, Gesture
from cnnstudio.gui.canvas.card import Aim
from cnnstudio.gui.canvas.hits import CardHit, InputHit, OutputHit
from cnnstudio.gui.canvas.measures import Point
from cnnstudio.gui.canvas.wire import PreviewWire


@dataclass(frozen=True, slots=True)
class Landing:
    """What a wire would do if it were let go here: the link it would be, or why it cannot be."""

    card: str
    link: Link | None
    reason: str = ""


def landing(graph: Graph, source: str, target: str, port: int | None, shown: str) -> Landing:
    """Ask the graph about a wire from `source` to `target`; a single port that is taken would be replaced.

    `shown` is the card under the pointer, where the answer is to be seen.
    """
    try:
        taken = graph.inputs_of(target)
        if port is None and len(taken) == 1:
            port = 0
        if source == target:
            raise PortError(
                QCoreApplication.translate("Canvas", "{name} cannot feed itself.").format(name=graph.node(source).name)
            )
        link = graph.check_link(source, target, port)
        if link.port < len(taken) and taken[link.port] == source:
            names = {"source": graph.node(source).name, "target": graph.node(target).name}
            raise PortError(QCoreApplication.translate("Canvas", "{source} already feeds {target}.").format(**names))
    except GraphError as error:
        return Landing(shown, None, str(error))
    return Landing(shown, link)


class _WireGesture(Gesture, ABC):
    """A wire that hangs at the pointer by one end."""

    cursor = Qt.CursorShape.CrossCursor
    idle_text = ""
    """What letting go in the open would do."""

    def __init__(self, board: Board, pixel: QPoint) -> None:
        super().__init__(board)
        self._preview = PreviewWire(board.mirror.style_now)
        board.mirror.addItem(self._preview)
        self._landing: Landing | None = None
        self._pixel, self._drawn = pixel, False

    @abstractmethod
    def _landing_at(self, point: QPointF) -> Landing | None:
        """What letting go at `point` would draw; None in the open."""

    @abstractmethod
    def _loose(self, point: Point) -> tuple[Point, Point]:
        """Start and end of the preview while it has found nothing."""

    @abstractmethod
    def _clicked(self) -> None:
        """The port was only clicked."""

    def _landed(self, link: Link) -> Command | None:
        return Connect(link.source, link.target, link.port)

    def move(self, point: QPointF, pixel: QPoint, keys: Qt.KeyboardModifier) -> None:
        if not self._drawn and (pixel - self._pixel).manhattanLength() < QApplication.startDragDistance():
            return
        self._drawn = True
        self._aim(None)
        self._landing = self._landing_at(point)
        self._aim(self._landing)
        scene = self.board.mirror
        if self._landing is not None and self._landing.link is not None:
            link = self._landing.link
            self._preview.stretch_along(scene.way(link, []))
        else:
            start, end = self._loose((point.x(), point.y()))
            self._preview.stretch(start, end, refused=self._landing is not None)
        if self._landing is None:
            self.board.hint(self.idle_text)
        else:
            self._say(self._landing)
        self.board.reveal(point)

    def release(self, point: QPointF, keys: Qt.KeyboardModifier) -> None:
        found = self._landing
        self.cancel()
        if not self._drawn:
            self._clicked()
        elif found is not None and found.link is not None:
            command = self._landed(found.link)
            if command is not None:
                self.board.run(command)
        elif found is not None:
            self.board.hint(found.reason, refused=True)

    def cancel(self) -> None:
        self._aim(None)
        if self._preview.scene() is not None:
            self.board.mirror.removeItem(self._preview)
        self.board.hint("")

    def _say(self, found: Landing) -> None:
        graph = self.board.mirror.graph
        if found.link is None:
            self.board.hint(found.reason, refused=True)
            return
        names = {"source": graph.node(found.link.source).name, "target": graph.node(found.link.target).name}
        taken = graph.inputs_of(found.link.target)
        former = taken[found.link.port] if found.link.port < len(taken) else None
        if former is None:
            text = QCoreApplication.translate("Canvas", "Connect {source} to {target}.")
        else:
            text = QCoreApplication.translate("Canvas", "Connect {source} to {target} in place of {former}.")
            names["former"] = graph.node(former).name
        self.board.hint(text.format(**names))

    def _aim(self, found: Landing | None) -> None:
        for card in self.board.mirror.cards.values():
            if found is not None and card.node_id == found.card:
                taking = found.link is not None
                port = found.link.port if found.link is not None and found.link.target == found.card else None
                card.set_aim(Aim.TAKES if taking else Aim.REFUSES, port)
            elif card.aim is not Aim.NONE:
                card.set_aim(Aim.NONE)


class DrawWire(_WireGesture):
    """From an output port to an input port or to any place of a card."""

    def __init__(self, board: Board, source: str, pixel: QPoint) -> None:
        super().__init__(board, pixel)
        self._source = source

    def _clicked(self) -> None:
        self.board.mirror.select([self._source])

    def _landing_at(self, point: QPointF) -> Landing | None:
        hit = self.board.hit(point)
        if isinstance(hit, InputHit):
            return self._ask(hit.node, hit.port)
        if isinstance(hit, (CardHit, OutputHit)):
            # Over its own card the wire has not been drawn out yet, which is no fault.
            return None if hit.node == self._source else self._ask(hit.node, None)
        return None

    def _ask(self, target: str, port: int | None) -> Landing:
        return landing(self.board.mirror.graph, self._source, target, port, target)

    def _loose(self, point: Point) -> tuple[Point, Point]:
        return self.board.mirror.cards[self._source].output_point(), point


class MoveWireEnd(DrawWire):
    """Takes a wire off its input port: to another port, or off altogether when it is let go in the open."""

    def __init__(self, board: Board, link: Link, pixel: QPoint) -> None:
        super().__init__(board, link.source, pixel)
        self._link = link
        self._away = False
        board.mirror.wires[link].setOpacity(0.25)
        graph = board.mirror.graph
        names = {"source": graph.node(link.source).name, "target": graph.node(link.target).name}
        self.idle_text = QCoreApplication.translate("Canvas", "Disconnect {source} from {target}.").format(**names)

    def _clicked(self) -> None:
        self.board.mirror.select_link(self._link)

    def _ask(self, target: str, port: int | None) -> Landing:
        if target == self._link.target and port in (None, self._link.port):
            return Landing(target, self._link)
        return super()._ask(target, port)

    def move(self, point: QPointF, pixel: QPoint, keys: Qt.KeyboardModifier) -> None:
        super().move(point, pixel, keys)
        self._away = self._drawn and self._landing is None

    def release(self, point: QPointF, keys: Qt.KeyboardModifier) -> None:
        super().release(point, keys)
        if self._away:
            self.board.run(Disconnect([self._link]))

    def _landed(self, link: Link) -> Command | None:
        if link == self._link:
            return None
        graph = self.board.mirror.graph
        text = QCoreApplication.translate("Canvas", "move a wire from {former} to {target}").format(
            former=graph.node(self._link.target).name, target=graph.node(link.target).name
        )
        # Taking a wire off a merge renumbers its ports, so there the first free one is meant.
        port = None if link.target == self._link.target else link.port
        return Group([Disconnect([self._link]), Connect(link.source, link.target, port)], text)

    def cancel(self) -> None:
        super().cancel()
        if self._link in self.board.mirror.wires:
            self.board.mirror.wires[self._link].setOpacity(1.0)


class DrawWireBack(_WireGesture):
    """From a free input port back to the layer that is to feed it."""

    def __init__(self, board: Board, target: str, port: int, pixel: QPoint) -> None:
        super().__init__(board, pixel)
        self._target, self._port = target, port

    def _clicked(self) -> None:
        self.board.mirror.select([self._target])

    def _landing_at(self, point: QPointF) -> Landing | None:
        hit = self.board.hit(point)
        if isinstance(hit, (OutputHit, CardHit, InputHit)) and hit.node != self._target:
            return landing(self.board.mirror.graph, hit.node, self._target, self._port, hit.node)
        return None

    def _loose(self, point: Point) -> tuple[Point, Point]:
        return point, self.board.mirror.cards[self._target].input_point(self._port)
