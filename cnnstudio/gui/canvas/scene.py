"""The scene mirrors the Graph: an item for every node and link, told by changes and reports. It never writes."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QObject, QPointF, QRectF, Signal
from PySide6.QtWidgets import QGraphicsScene

from cnnstudio.graph import Change, Graph, Link, Node, Report, Row, analyze
from cnnstudio.graph.routing import STUB, Run, route
from cnnstudio.gui.canvas import measures
from cnnstudio.gui.canvas.boxes import Boxes
from cnnstudio.gui.canvas.card import BODY, BOUNDS, CardItem
from cnnstudio.gui.canvas.faces import face_of, same_face
from cnnstudio.gui.canvas.notes import ProblemNote
from cnnstudio.gui.canvas.places import places
from cnnstudio.gui.canvas.style import Style
from cnnstudio.gui.canvas.wire import WireItem


class CanvasScene(QGraphicsScene):
    """Cards by node id, wires by link, notes by node id; `graph` and `report` are what they were last told of."""

    content_changed = Signal()

    def __init__(self, style: Style, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.setItemIndexMethod(QGraphicsScene.ItemIndexMethod.NoIndex)
        self.style_now = style
        self.graph = Graph()
        self.report: Report = analyze(self.graph)
        self.cards: dict[str, CardItem] = {}
        self.wires: dict[Link, WireItem] = {}
        self.notes: dict[str, ProblemNote] = {}
        self._boxes: Boxes | None = None
        self._raised: list[CardItem | WireItem] = []
        self._shown: dict[str, tuple[Node, Row | None]] = {}
        """What each card's face was made of."""

    # -- told from outside

    def set_graph(self, graph: Graph, report: Report) -> None:
        """Mirror another drawing; nothing of the former one stays."""
        self.clearSelection()
        self._drop_cards(set(self.cards))
        self.graph, self.report = graph, report
        self._mirror(frozenset())

    def apply(self, change: Change, report: Report) -> None:
        """Follow an edit of the graph; `report` holds the figures that go with it."""
        if change.added or change.removed or change.rewired or change.moved:
            self.report = report
            self._mirror(change.removed)
        else:
            self._follow_figures(report)  # parameters and names: no card moves, so every wire keeps its way

    def set_report(self, report: Report) -> None:
        """Follow the figures; those that came with an edit are shown already."""
        if report is not self.report:
            self._follow_figures(report)

    def set_style(self, style: Style) -> None:
        self.style_now = style
        for card in self.cards.values():
            card.set_style(style)
        for wire in self.wires.values():
            wire.set_style(style)
        self._refresh_notes()

    # -- selection

    @property
    def selected_nodes(self) -> tuple[str, ...]:
        """Ids of the selected cards, in the order of the drawing."""
        return tuple(node_id for node_id, card in self.cards.items() if card.isSelected())

    @property
    def selected_links(self) -> tuple[Link, ...]:
        return tuple(link for link, wire in self.wires.items() if wire.isSelected())

    def select(self, node_ids: Iterable[str], *, add: bool = False) -> None:
        """Select cards, and nothing else unless `add`; listeners hear once."""
        wanted = set(node_ids) & self.cards.keys()
        if add:
            wanted |= set(self.selected_nodes)
        if wanted == set(self.selected_nodes) and not self.selected_links:
            return
        blocked = self.blockSignals(True)
        for item in self.selectedItems():
            item.setSelected(isinstance(item, CardItem) and item.node_id in wanted)
        for node_id in wanted:
            self.cards[node_id].setSelected(True)
        self.blockSignals(blocked)
        self.selectionChanged.emit()

    def select_link(self, link: Link) -> None:
        blocked = self.blockSignals(True)
        self.clearSelection()
        self.wires[link].setSelected(True)
        self.blockSignals(blocked)
        self.selectionChanged.emit()

    def raise_selected(self) -> None:
        """Put what is selected over the rest, and what was selected back."""
        before = self._raised
        self._raised = [each for each in self.selectedItems() if isinstance(each, (CardItem, WireItem))]
        for item in (*before, *self._raised):
            item.restack()

    # -- places

    def content_rect(self) -> QRectF:
        """What all cards and notes cover; null when there is none."""
        covered = self.boxes.area()
        if covered is None:
            return QRectF()
        left, top, right, bottom = covered
        area = BOUNDS.adjusted(0, 0, right - left - BODY.width(), bottom - top - BODY.height()).translated(left, top)
        for note in self.notes.values():
            area = area.united(note.sceneBoundingRect())
        return area

    def area_of(self, node_id: str) -> QRectF:
        """What a card and its note cover. Raises KeyError for a node that is not shown."""
        area = self.cards[node_id].sceneBoundingRect()
        note = self.notes.get(node_id)
        return area if note is None else area.united(note.sceneBoundingRect())

    @property
    def boxes(self) -> Boxes:
        """Where the cards stand now."""
        if self._boxes is None:
            self._boxes = Boxes({node_id: card.corner for node_id, card in self.cards.items()})
        return self._boxes

    def cards_near(self, point: QPointF, reach: float = 0.0) -> list[CardItem]:
        """The cards at a point, or no further from it than `reach`, in the order of the drawing."""
        spot = QRectF(point, point).adjusted(-reach, -reach, reach, reach)
        rows = self.boxes.between(spot.top(), spot.bottom())
        found = {each for each, box in rows.items() if box[0] <= spot.right() and box[2] >= spot.left()}
        return [card for node_id, card in self.cards.items() if node_id in found] if found else []

    def put(self, node_id: str, corner: measures.Point) -> None:
        """Show a card somewhere else; its wires are `route_wires`' affair."""
        self.cards[node_id].setPos(*corner)
        self._boxes = None

    def corners(self, but: Iterable[str] = ()) -> list[measures.Point]:
        """Where the cards stand, without those named."""
        left_out = set(but)
        return [card.corner for node_id, card in self.cards.items() if node_id not in left_out]

    def route_wires(self, only: Iterable[str] | None = None) -> None:
        """Find ways for all wires, or for those at some nodes, as while these are dragged."""
        chosen = None if only is None else set(only)
        runs: list[Run] = []
        for link, wire in self.wires.items():
            if chosen is None or link.source in chosen or link.target in chosen:
                wire.set_points(self.way(link, runs))

    def way(self, link: Link, runs: list[Run]) -> list[measures.Point]:
        """Corner points of a wire, drawn or not; the gutter that it takes is added to `runs`, those of the others."""
        start, end = self.cards[link.source].output_point(), self.cards[link.target].input_point(link.port)
        stripe = self.boxes.between(min(start[1], end[1]) - STUB, max(start[1], end[1]) + STUB)
        return route(start, end, tuple(stripe.values()), runs, link.source)

    # -- inside

    def _mirror(self, removed: Iterable[str]) -> None:
        selected = len(self.selectedItems())
        gone = {node_id for node_id in self.cards if node_id not in self.graph}
        self._drop_cards(gone | (self.cards.keys() & set(removed)))
        for node_id, place in places(self.graph).items():
            if node_id not in self.cards:
                self._make_card(node_id)
            self.put(node_id, place)
        # Undo restores the order of nodes; the cards keep to it, since Tab and selections follow it.
        self.cards = {node_id: self.cards[node_id] for node_id in self.graph.nodes}
        self._mirror_wires()
        self._refresh_wiring()
        self._refresh_faces()
        self.route_wires()
        self._refresh_notes()
        if len(self.selectedItems()) != selected:
            self.selectionChanged.emit()
        self.content_changed.emit()

    def _mirror_wires(self) -> None:
        links = dict.fromkeys(self.graph.links())
        for link in tuple(self.wires):
            if link not in links:
                self.removeItem(self.wires.pop(link))
        former = self.wires
        self.wires = {}
        for link in links:
            wire = former.get(link)
            if wire is None:
                wire = WireItem(link, self.style_now)
                self.addItem(wire)
            self.wires[link] = wire

    def _make_card(self, node_id: str) -> None:
        node, row = self._sources_of_face(node_id)
        card = CardItem(node_id, face_of(node, self.graph.spec(node_id), row), self.style_now)
        self.cards[node_id], self._shown[node_id] = card, (node, row)
        self.addItem(card)

    def _drop_cards(self, node_ids: set[str]) -> None:
        blocked = self.blockSignals(True)  # or each selected card would change the selection once more
        for link in [each for each in self.wires if each.source in node_ids or each.target in node_ids]:
            self.removeItem(self.wires.pop(link))
        for node_id in node_ids:
            if node_id in self.notes:
                self.removeItem(self.notes.pop(node_id))
            self.removeItem(self.cards.pop(node_id))
            del self._shown[node_id]
            self._boxes = None
        self.blockSignals(blocked)

    def _follow_figures(self, report: Report) -> None:
        self.report = report
        self._refresh_faces()
        self._refresh_notes()
        self.content_changed.emit()

    def _sources_of_face(self, node_id: str) -> tuple[Node, Row | None]:
        return self.graph.node(node_id), self.report[node_id] if node_id in self.report else None  # noqa: SIM401

    def _refresh_faces(self) -> None:
        total = max(1, self.report.parameters)
        for node_id, card in self.cards.items():
            node, row = self._sources_of_face(node_id)
            if not same_face(node, row, *self._shown[node_id]):
                card.set_face(face_of(node, self.graph.spec(node_id), row))
            self._shown[node_id] = node, row
            card.set_share(card.face.count / total)
        for link, wire in self.wires.items():
            wire.set_faulty(self.cards[link.target].refuses_input)

    def _refresh_wiring(self) -> None:
        feeding = {link.source for link in self.wires}
        for node_id, card in self.cards.items():
            sources = self.graph.inputs_of(node_id)
            wired = frozenset(port for port, each in enumerate(sources) if each is not None)
            card.set_wiring(measures.shown_ports(self.graph.spec(node_id).ports, sources), wired, node_id in feeding)

    def _refresh_notes(self) -> None:
        for node_id in tuple(self.notes):
            if not self.cards[node_id].face.errors:
                self.removeItem(self.notes.pop(node_id))
        for node_id, card in self.cards.items():
            if card.face.errors:
                if node_id not in self.notes:
                    self.notes[node_id] = ProblemNote(node_id, self.style_now)
                    self.addItem(self.notes[node_id])
                self.notes[node_id].show_problems(card.face.errors, self.style_now)
        self.place_notes()

    def place_notes(self) -> None:
        """Put every note beside its card, clear of the other cards."""
        for node_id, note in self.notes.items():
            corner = self.cards[node_id].corner
            around = self.boxes.between(corner[1], corner[1] + measures.CARD_HEIGHT + note.reach)
            note.place(corner, [box for each, box in around.items() if each != node_id])
