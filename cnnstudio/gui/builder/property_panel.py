"""The column at the right: one page for a layer, one for the network, one for several layers."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QApplication, QFrame, QScrollArea, QStackedWidget, QWidget

from cnnstudio.graph import Graph, Report
from cnnstudio.gui.builder.field_picture import Sample
from cnnstudio.gui.builder.layer_page import LayerPage, Run
from cnnstudio.gui.builder.network_page import NetworkPage, SelectionPage
from cnnstudio.gui.theme import Theme
from cnnstudio.gui.widgets.column import SCROLL_BAR
from cnnstudio.session import SolvingSession

LEAST_WIDTH, USUAL_WIDTH = 284, 296


class PropertyPanel(QStackedWidget):
    """Each page scrolls by itself where the window is low."""

    fix_wanted = Signal(object)
    node_wanted = Signal(str)
    delete_wanted = Signal()
    bereft = Signal()
    """The widget that had the keyboard is gone, and so is what it stood for."""

    def __init__(
        self, theme: Theme, run: Run, sample: Sample, solving: SolvingSession, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setObjectName("properties")
        self.setProperty("look", "panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setMinimumWidth(LEAST_WIDTH)
        self.layer = LayerPage(theme, run, sample, solving)
        self.network = NetworkPage(theme)
        self.several = SelectionPage(theme)
        self._pages = [ScrolledPage(page) for page in (self.network, self.layer, self.several)]
        for page in self._pages:
            self.addWidget(page)
            page.bereft.connect(self.bereft)
        self.layer.fix_wanted.connect(self.fix_wanted)
        self.layer.node_wanted.connect(self.node_wanted)
        self.network.fix_wanted.connect(self.fix_wanted)
        self.network.node_wanted.connect(self.node_wanted)
        self.several.delete_wanted.connect(self.delete_wanted)

    def sizeHint(self) -> QSize:
        return QSize(USUAL_WIDTH, 480)

    def show_selection(self, graph: Graph, report: Report, node_ids: tuple[str, ...]) -> None:
        """The page that fits the selection, with the present figures."""
        if len(node_ids) == 1:
            other = self.layer.node != node_ids[0]
            self.layer.show_node(graph, report, node_ids[0])
            self.setCurrentWidget(self._pages[1])
            if other:
                self._pages[1].verticalScrollBar().setValue(0)
        elif node_ids:
            self.several.show_nodes(report, node_ids)
            self.setCurrentWidget(self._pages[2])
        else:
            self.network.show_network(graph, report)
            self.setCurrentWidget(self._pages[0])


class ScrolledPage(QScrollArea):
    """A page that scrolls up and down, never sideways: it is just as wide as what is seen of it."""

    bereft = Signal()
    """The widget that had the keyboard was hidden."""

    def __init__(self, page: QWidget) -> None:
        super().__init__()
        self.setObjectName("properties.page")
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        page.setProperty("look", "panel")
        page.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        page.setMinimumWidth(1)  # goes before what the layout asks for, which broad letters may make too much
        self.setWidget(page)
        self.verticalScrollBar().rangeChanged.connect(self._make_room)

    def focusNextPrevChild(self, forward: bool) -> bool:
        """Tab brings the next stop into sight. Of a stop that vanishes, Qt asks for its next as well: there is none,
        or a key meant for the former would be for another, and the page would jump there."""
        focus = QApplication.focusWidget()
        if focus is not None and not focus.isVisible() and self.isAncestorOf(focus):
            focus.clearFocus()
            self.bereft.emit()
            return True
        return super().focusNextPrevChild(forward)

    def _make_room(self, _least: int, most: int) -> None:
        """The scroll bar stands in the margin, so that the page's parts are as wide with it as without."""
        page = self.widget()
        column = page.layout() if page is not None else None
        if column is not None:
            margins = column.contentsMargins()
            margins.setRight(margins.left() - (SCROLL_BAR if most > 0 else 0))
            column.setContentsMargins(margins)
