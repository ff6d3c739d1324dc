"""The canvas: the view on the scene. It turns events into gestures and commands, and owns no truth either."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QPoint, QPointF, QRect, QRectF, Qt, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDragMoveEvent,
    QDropEvent,
    QFocusEvent,
    QHelpEvent,
    QHideEvent,
    QKeyEvent,
    QMouseEvent,
    QNativeGestureEvent,
    QPainter,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QFrame, QGestureEvent, QGraphicsView, QPinchGesture, QToolTip, QWidget

from cnnstudio.graph import Change, Fix, Graph, GraphError, Report
from cnnstudio.graph.commands import Command, Disconnect, Group, RemoveNodes, Rename
from cnnstudio.gui.canvas.beginnings import gesture_for
from cnnstudio.gui.canvas.board import Gesture
from cnnstudio.gui.canvas.camera import STEP, Camera
from cnnstudio.gui.canvas.connecting import ConnectByKeys
from cnnstudio.gui.canvas.gestures import Pan
from cnnstudio.gui.canvas.hits import (
    CardHit,
    Hit,
    InputHit,
    NoteHit,
    OutputHit,
    WireEndHit,
    WireHit,
    hit_at,
)
from cnnstudio.gui.canvas.hover import Hover
from cnnstudio.gui.canvas.keyboard import Keyboard
from cnnstudio.gui.canvas.mime import dragged
from cnnstudio.gui.canvas.naming import NameEditor
from cnnstudio.gui.canvas.paper import paint_paper
from cnnstudio.gui.canvas.placing import Drop
from cnnstudio.gui.canvas.scene import CanvasScene
from cnnstudio.gui.canvas.spots import layer_command
from cnnstudio.gui.canvas.style import Style
from cnnstudio.gui.canvas.tips import tip_of
from cnnstudio.gui.theme import Theme

Refusal = str
FEW = 40
"""Cards of a block, or of a choice made by hand; of more than these only the first is looked for."""


class Canvas(QGraphicsView):
    """Shows a graph and lets it be edited, by `run`: a function that does a command or answers why it is refused."""

    selection_changed = Signal(object)  # tuple of node ids
    hinted = Signal(str, bool)  # what the gesture would do, or why it is refused
    opened = Signal(str)  # the card on which Enter was pressed, or that was double-clicked
    menu_wanted = Signal(object, object)  # Hit, global QPoint
    fixes_offered = Signal(object, object)  # tuple of Fix to choose from, global QPoint
    placed = Signal(str)  # id of a node that was dropped here
    block_dropped = Signal(str, object, object)  # its name, Spot, global QPoint

    def __init__(self, theme: Theme, run: Callable[[Command], Refusal], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme, self._run = theme, run
        self.mirror = CanvasScene(Style.of(theme), self)
        self.setScene(self.mirror)
        self.setObjectName("canvas")
        self.setAccessibleName(self.tr("Drawing of the network"))
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setRenderHint(QPainter.RenderHint.Antialiasing)
        self.setViewportUpdateMode(QGraphicsView.ViewportUpdateMode.SmartViewportUpdate)
        self.setMouseTracking(True)
        self.viewport().setMouseTracking(True)
        self.setAcceptDrops(True)
        self.setMinimumSize(200, 120)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.viewport().grabGesture(Qt.GestureType.PinchGesture)
        self.camera = Camera(self)
        self._gesture: Gesture | None = None
        self._drop: Drop | None = None
        self._editor: NameEditor | None = None
        self._renamed = ""
        self._keyboard = Keyboard(self)
        self._hover = Hover(self.mirror, self.viewport())
        self._hinting = False
        self.mirror.selectionChanged.connect(self._tell_selection)
        self.mirror.content_changed.connect(self._follow_content)
        theme.changed.connect(self._restyle)

    # -- mirrors

    def set_graph(self, graph: Graph, report: Report) -> None:
        """Show another drawing, from its beginning."""
        self._abandon()
        if self._editor is not None:
            self._editor.cancel()  # the name was meant for a layer of the former drawing
        self.mirror.set_graph(graph, report)
        self.camera.home()

    def apply(self, change: Change, report: Report) -> None:
        """Follow an edit of the graph; `report` holds the figures that go with it."""
        if change.removed or change.rewired or change.added:
            self._abandon()
        if self._editor is not None and self._renamed in change.removed:
            self._editor.cancel()
        self.mirror.apply(change, report)
        if change.added and not self.camera.seen.intersects(self.camera.content):
            self.camera.home()  # another drawing came, or came back, somewhere else
        self._describe()

    def set_report(self, report: Report) -> None:
        self.mirror.set_report(report)
        self._describe()

    # -- the board of gestures

    @property
    def zoom(self) -> float:
        return self.camera.zoom

    def run(self, command: Command) -> bool:
        refusal = self._run(command)
        if refusal:
            self.hint(refusal, refused=True)
        return not refusal

    def hint(self, text: str, *, refused: bool = False) -> None:
        if text or self._hinting:
            self._hinting = bool(text)
            self.hinted.emit(text, refused)

    def pan(self, delta: QPoint) -> None:
        self.camera.pan(delta)

    def reveal(self, point: QPointF) -> None:
        self.camera.reveal(point)

    def offer(self, fixes: tuple[Fix, ...], point: QPointF) -> None:
        self.fixes_offered.emit(fixes, self.viewport().mapToGlobal(self.mapFromScene(point)))

    def hit(self, point: QPointF) -> Hit:
        return hit_at(self.mirror, point, self.zoom)

    # -- what actions and other panels ask for

    @property
    def selection(self) -> tuple[str, ...]:
        return self.mirror.selected_nodes

    def select(self, node_ids: tuple[str, ...], *, show: bool = False) -> None:
        """Select cards; `show` scrolls so far that the first is seen, and of the others as much as fits."""
        self.mirror.select(node_ids)
        shown = [each for each in node_ids if each in self.mirror.cards] if show else []
        for node_id in reversed(shown if len(shown) <= FEW else shown[:1]):
            self.camera.show(self.mirror.area_of(node_id))

    def zoom_to_full_size(self) -> None:
        """As large as life, about what is selected, or else what stands nearest to the middle."""
        middle = self.camera.seen.center()
        chosen = [self.mirror.area_of(each) for each in self.selection[:1]]
        areas = chosen or [card.sceneBoundingRect() for card in self.mirror.cards.values()]
        self.camera.set_zoom(1.0)
        if areas:
            self.camera.show(min(areas, key=lambda area: (area.center() - middle).manhattanLength()))

    def select_all(self) -> None:
        self.mirror.select(self.mirror.cards)

    def delete_selection(self) -> None:
        """Delete the selected cards, healing the wires, or the selected wires."""
        nodes, links = self.mirror.selected_nodes, self.mirror.selected_links
        loose = [link for link in links if link.source not in nodes and link.target not in nodes]
        if nodes and loose:
            text = self.tr("delete {layers} layers and {wires} wires").format(layers=len(nodes), wires=len(loose))
            self.run(Group([Disconnect(loose), RemoveNodes(nodes)], text))
        elif nodes:
            heir = self._after_deletion(nodes)
            if self.run(RemoveNodes(nodes)) and heir is not None:
                self.select((heir,))
        elif loose:
            self.run(Disconnect(loose))

    def rename(self, node_id: str | None = None) -> None:
        """Open a line over the card's name; without an id, of the one card that is selected."""
        chosen = node_id or (self.selection[0] if len(self.selection) == 1 else None)
        if chosen is None or chosen not in self.mirror.cards:
            return
        self._abandon()
        self._renamed = chosen
        card = self.mirror.cards[chosen]
        self.camera.show(card.sceneBoundingRect())
        area = QRectF(self.mapFromScene(card.mapRectToScene(card.name_rect())).boundingRect())
        width = max(120.0, area.width())
        line = QRect(round(area.left()) - 9, round(area.center().y() - 13), round(width) + 12, 26)
        self._editor = NameEditor(
            self._theme, card.face.name, self.zoom, lambda name: self._take_name(chosen, name), self.viewport()
        )
        self._editor.closed.connect(self._end_rename)
        self._editor.open_at(line)

    def _take_name(self, node_id: str, name: str) -> str:
        """Rename; the answer is why it was refused. A copy is asked first, so that a refusal is said only here."""
        try:
            self.mirror.graph.copy().rename(node_id, name)
        except GraphError as refusal:
            return str(refusal)
        return self._run(Rename(node_id, name))

    def connect_by_keys(self) -> None:
        """Let the arrow keys choose what the selected layer is to feed."""
        if len(self.selection) != 1:
            self.hint(self.tr("Select the one layer that the new wire is to start from."), refused=True)
            return
        self._abandon()
        self.setFocus()
        if not self._keyboard.begin_connecting(self.selection[0]):
            self.hint(self.tr("No layer can be connected to this one."), refused=True)

    @property
    def connecting(self) -> ConnectByKeys | None:
        """The wire that is being drawn by keyboard, if one is."""
        return self._keyboard.connecting

    def open_selected(self) -> None:
        """Go to the parameters of the one card that is selected."""
        if len(self.selection) == 1:
            self.opened.emit(self.selection[0])

    # -- pointer

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._abandon()
        point, pixel = self.mapToScene(event.position().toPoint()), event.position().toPoint()
        keys = event.modifiers()
        if event.button() == Qt.MouseButton.MiddleButton or (
            self._keyboard.space and event.button() == Qt.MouseButton.LeftButton
        ):
            self._begin(Pan(self, pixel))
        elif event.button() == Qt.MouseButton.LeftButton:
            self._begin(gesture_for(self, self.hit(point), point, pixel, keys))
        event.accept()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        pixel = event.position().toPoint()
        point = self.mapToScene(pixel)
        if self._gesture is not None:
            self._gesture.move(point, pixel, event.modifiers())
            self._show_cursor()
        else:
            self._hover_over(self.hit(point))
        event.accept()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._gesture is not None:
            gesture, self._gesture = self._gesture, None
            gesture.release(self.mapToScene(event.position().toPoint()), event.modifiers())
            self._hover_over(self.hit(self.mapToScene(event.position().toPoint())))
        event.accept()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        point = self.mapToScene(event.position().toPoint())
        hit = self.hit(point)
        if event.button() == Qt.MouseButton.LeftButton and isinstance(hit, CardHit):
            card = self.mirror.cards[hit.node]
            self.mirror.select([hit.node])
            if card.name_rect().contains(card.mapFromScene(point)):
                self.rename(hit.node)
            else:
                self.opened.emit(hit.node)
        else:
            self.mousePressEvent(event)

    def leaveEvent(self, event: QEvent) -> None:
        self._hover_over(None)
        super().leaveEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        if event.reason() == QContextMenuEvent.Reason.Keyboard and self.selection:
            card = self.mirror.cards[self.selection[0]]
            hit: Hit = CardHit(self.selection[0])
            place = self.viewport().mapToGlobal(self.mapFromScene(card.sceneBoundingRect().center()))
        else:
            hit, place = self.hit(self.mapToScene(event.pos())), event.globalPos()
            if isinstance(hit, (CardHit, NoteHit, OutputHit, InputHit)) and hit.node not in self.selection:
                self.mirror.select([hit.node])
            elif isinstance(hit, (WireHit, WireEndHit)):
                self.mirror.select_link(hit.link)
        self._abandon()
        self.menu_wanted.emit(hit, place)
        event.accept()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """A wheel zooms; two fingers on a touchpad move the paper, with Ctrl they zoom."""
        touchpad = event.phase() != Qt.ScrollPhase.NoScrollPhase or not event.pixelDelta().isNull()
        if event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            amount = event.angleDelta().y() or event.angleDelta().x()
            self.camera.pan(QPoint(amount // 2, 0))
        elif touchpad and not event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.camera.pan(event.pixelDelta() if not event.pixelDelta().isNull() else event.angleDelta() / 2)
        else:
            self.camera.zoom_by(STEP ** (event.angleDelta().y() / 120), event.position().toPoint())
        event.accept()

    def viewportEvent(self, event: QEvent) -> bool:
        if isinstance(event, QNativeGestureEvent):
            if event.gestureType() == Qt.NativeGestureType.ZoomNativeGesture:
                self.camera.zoom_by(1 + event.value(), event.position().toPoint())
                return True
        elif isinstance(event, QGestureEvent):
            pinch = event.gesture(Qt.GestureType.PinchGesture)
            if isinstance(pinch, QPinchGesture):
                self.camera.zoom_by(pinch.scaleFactor(), self.viewport().mapFromGlobal(pinch.centerPoint().toPoint()))
                return True
        elif isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            text = tip_of(self.mirror, self.hit(self.mapToScene(event.pos())))
            if text:
                QToolTip.showText(event.globalPos(), text, self.viewport())
            else:
                QToolTip.hideText()
            return True
        return super().viewportEvent(event)

    # -- keyboard

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if self._gesture is not None:  # no edit while something is being dragged
            if event.key() == Qt.Key.Key_Escape:
                gesture, self._gesture = self._gesture, None
                gesture.cancel()
        elif not self._keyboard.press(event):
            super().keyPressEvent(event)
            return
        self._show_cursor()
        event.accept()

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Space and not event.isAutoRepeat():
            self._keyboard.space = False
            self._show_cursor()
        super().keyReleaseEvent(event)

    # -- layers and blocks from the palette

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        cargo = dragged(event.mimeData())
        if cargo is None:
            event.ignore()
            return
        self._abandon()
        self._drop = Drop(self, cargo)
        self._drop.move(self.mapToScene(event.position().toPoint()))
        event.acceptProposedAction()

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        if self._drop is None:
            event.ignore()
            return
        self._drop.move(self.mapToScene(event.position().toPoint()))
        event.acceptProposedAction()

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        if self._drop is not None:
            self._drop.cancel()
            self._drop = None

    def dropEvent(self, event: QDropEvent) -> None:
        if self._drop is None:
            event.ignore()
            return
        drop, self._drop = self._drop, None
        drop.move(self.mapToScene(event.position().toPoint()))
        spot = drop.drop()
        event.acceptProposedAction()
        if drop.cargo.is_block:
            self.block_dropped.emit(drop.cargo.name, spot, self.viewport().mapToGlobal(event.position().toPoint()))
            return
        command = layer_command(spot, drop.cargo.name)
        if self.run(command):
            self.select((command.node_id,), show=True)
            self.setFocus()
            self.placed.emit(command.node_id)

    # -- painting

    def drawBackground(self, painter: QPainter, area: QRectF | QRect) -> None:
        paint_paper(painter, area, self.mirror.style_now, self.zoom)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.camera.resized()

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        keyboard = (Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason)
        if event.reason() in keyboard and not self.selection and self.mirror.cards:
            self._keyboard.walk((0, 1))

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self._keyboard.space = False
        super().focusOutEvent(event)

    def hideEvent(self, event: QHideEvent) -> None:
        self._abandon()  # the release of a button goes elsewhere now
        super().hideEvent(event)

    # -- inside

    def _begin(self, gesture: Gesture) -> None:
        self._gesture = gesture
        self._hover_over(None)
        self._show_cursor()

    def _abandon(self) -> None:
        """End whatever is half done: the drawing changes, or the user turns to something else."""
        if self._gesture is not None:
            gesture, self._gesture = self._gesture, None
            gesture.cancel()
        self._keyboard.abandon()
        if self._drop is not None:
            self._drop.cancel()
            self._drop = None

    def _after_deletion(self, nodes: tuple[str, ...]) -> str | None:
        """What to select once `nodes` are gone: what fed the first of them."""
        if len(nodes) != 1:
            return None
        sources = [each for each in self.mirror.graph.inputs_of(nodes[0]) if each is not None]
        return sources[0] if len(sources) == 1 else None

    def _end_rename(self, focused: bool) -> None:
        self._editor = None
        if focused:
            self.setFocus()

    def _hover_over(self, hit: Hit) -> None:
        self._hover.over(hit)
        self._show_cursor()

    def _show_cursor(self) -> None:
        shape = None if self._gesture is None else self._gesture.cursor or Qt.CursorShape.ArrowCursor
        self._hover.show_cursor(shape, self._keyboard.space)

    def _tell_selection(self) -> None:
        self.mirror.raise_selected()
        self._describe()
        self.selection_changed.emit(self.selection)

    def _describe(self) -> None:
        """Say the selected card to a screen reader."""
        cards = [self.mirror.cards[each] for each in self.selection]
        if len(cards) == 1:
            self.setAccessibleDescription(cards[0].face.spoken)
        elif cards:
            self.setAccessibleDescription(self.tr("{count} layers selected").format(count=len(cards)))
        else:
            self.setAccessibleDescription(self.tr("{count} layers").format(count=len(self.mirror.cards)))

    def _follow_content(self) -> None:
        self.camera.set_content(self.mirror.content_rect())

    def _restyle(self) -> None:
        self.mirror.set_style(Style.of(self._theme))
        self.viewport().update()
