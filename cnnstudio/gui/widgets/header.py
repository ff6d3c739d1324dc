"""The strip at the top: menu, what is open, the way to search, and a few constant companions."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QAction, QKeyEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QMenu, QPushButton, QSizePolicy, QToolButton, QWidget

from cnnstudio.gui.theme import Theme
from cnnstudio.gui.widgets.basics import label
from cnnstudio.gui.widgets.rail import WIDTH as RAIL_WIDTH

HEIGHT = 42


class Header(QFrame):
    """Title and whether it is edited; a search pill that stands for the command palette."""

    def __init__(self, theme: Theme, search: QAction, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("header")
        self.setFixedHeight(HEIGHT)
        self._theme = theme
        self.menu_button = self._tool("header.menu")
        self.menu_button.setIcon(theme.icons.icon("menu", "muted"))
        self.menu_button.setToolTip(self.tr("Menu (F10)"))
        self.menu_button.setAccessibleName(self.tr("Menu"))
        self.menu_button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.menu_button.setShortcut("F10")
        self.title = label("", "heading", "header.title")
        self.title.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Preferred)
        self.state = label("", "small", "header.state")
        self.search = SearchPill(search)
        corner = QWidget()
        corner.setFixedWidth(RAIL_WIDTH)
        corner_row = QHBoxLayout(corner)
        corner_row.setContentsMargins(0, 0, 0, 0)
        corner_row.addWidget(self.menu_button, 0, Qt.AlignmentFlag.AlignCenter)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 12, 0)
        row.setSpacing(6)
        row.addWidget(corner)
        row.addSpacing(8)
        row.addWidget(self.title)
        row.addWidget(self.state)
        row.addStretch(1)
        self._tools = QHBoxLayout()
        self._tools.setSpacing(2)
        row.addLayout(self._tools)
        row.addSpacing(6)
        row.addWidget(self.search)
        self._last_tool = self.menu_button
        self._end = QHBoxLayout()
        self._end.setSpacing(2)
        row.addLayout(self._end)

    def set_menus(self, menus: list[QMenu]) -> None:
        """All menus behind the one button, as a menu of menus."""
        top = QMenu(self)
        top.setObjectName("menu")
        for menu in menus:
            top.addMenu(menu)
        self.menu_button.setMenu(top)

    def add_action(self, action: QAction, *, end: bool = False) -> QToolButton:
        """A flat icon button for an action, before the search pill or after it."""
        made = self._tool(f"header.{action.objectName()}")
        made.setDefaultAction(action)
        made.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonIconOnly)
        (self._end if end else self._tools).addWidget(made)
        QWidget.setTabOrder(self.search if end else self._last_tool, made)
        if not end:
            self._last_tool = made
        return made

    def set_title(self, title: str, edited: bool, *, read_only: bool = False) -> None:
        self.title.setText(title)
        states = [self.tr("edited")] if edited else []
        if read_only:
            states.append(self.tr("read-only: saved by a newer version"))
        self.state.setText(" · ".join(states))

    def _tool(self, name: str) -> QToolButton:
        made = QToolButton(self)
        made.setObjectName(name)
        made.setProperty("look", "flat")
        made.setIconSize(QSize(18, 18))
        made.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        return made


class SearchPill(QPushButton):
    """Looks like a field and opens the command palette; typing on it searches at once."""

    def __init__(self, action: QAction, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("header.search")
        self.setProperty("look", "pill")
        self.setFixedWidth(252)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setToolTip(action.toolTip())
        words = label(self.tr("Search layers and actions"), "muted", "", self)
        keys = label(action.shortcut().toString(), "small", "", self)
        for each in (words, keys):
            each.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setAccessibleName(words.text())
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 0, 12, 0)
        row.addWidget(words)
        row.addStretch(1)
        row.addWidget(keys)
        self.clicked.connect(action.trigger)

    def sizeHint(self) -> QSize:
        return QSize(252, 26)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Down):
            self.click()
        else:
            super().keyPressEvent(event)
