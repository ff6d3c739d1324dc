"""The column at the right: one page for a layer, one for the network, one for several layers."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QFrame, QScrollArea, QStackedWidget, QWidget

from cnnstudio.graph import Graph, Report
from cnnstudio.gui.builder.field_picture import Sample
from cnnstudio.gui.builder.layer_page import LayerPage, Run
from cnnstudio.gui.builder.network_page import NetworkPage, SelectionPage
from cnnstudio.gui.theme import Theme
from cnnstudio.session import SolvingSession

LEAST_WIDTH, USUAL_WIDTH = 284, 296


class PropertyPanel(QStackedWidget):
    """Each page scrolls by itself where the window is low."""

    fix_wanted = Signal(object)
    node_wanted = Signal(str)
    delete_wanted = Signal()

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
        self._pages = [_scrolled(page) for page in (self.network, self.layer, self.several)]
        for page in self._pages:
            self.addWidget(page)
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
            self.layer.show_node(graph, report, node_ids[0])
            self.setCurrentWidget(self._pages[1])
        elif node_ids:
            self.several.show_nodes(report, node_ids)
            self.setCurrentWidget(self._pages[2])
        else:
            self.network.show_network(graph, report)
            self.setCurrentWidget(self._pages[0])


def _scrolled(page: QWidget) -> QScrollArea:
    area = QScrollArea()
    area.setObjectName("properties.page")
    area.setWidgetResizable(True)
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    page.setProperty("look", "panel")
    page.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
    area.setWidget(page)
    return area
