"""The actions at work: QActions, menus and shortcuts from the rows, and who answers them.

A workspace hands over `handlers()`, a mapping of action ids to callables; an action without a handler is disabled.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from PySide6.QtCore import QCoreApplication, QObject, Signal
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMenu, QWidget

from cnnstudio.graph import presets
from cnnstudio.gui.action_rows import MENUS, ROWS, ActionRow, preset_rows
from cnnstudio.gui.theme import Theme

Handler = Callable[[], object]
WINDOW = ""
"""Whose handlers answer when no workspace does."""


@dataclass(frozen=True, slots=True)
class SearchEntry:
    """One line of the command palette: what it is called, and what choosing it does.

    A workspace may offer its own (layers to go to, kinds to append) by a method `search_entries()`. `badge` is
    (kind, family) of a layer, shown instead of the icon.
    """

    text: str
    run: Handler
    detail: str = ""
    icon: str = "command"
    badge: tuple[str, str] | None = None
    shortcut: str = ""
    keywords: str = ""
    enabled: bool = field(default=True, kw_only=True)
    kind: str = field(default="", kw_only=True)
    """That of the layer to which it goes: as good a name as the layer's own."""


class Actions(QObject):
    """All actions of one window, by id."""

    followed = Signal(object)
    """The workspace (str) that an action wants in front, just before it runs."""

    def __init__(self, theme: Theme, titles: Mapping[str, str] | None = None, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.rows: dict[str, ActionRow] = {row.id: row for row in (*ROWS, *preset_rows(titles or {}))}
        self._handlers: dict[str, dict[str, Handler]] = {WINDOW: {}}
        self._active = WINDOW
        self._disabled: set[str] = set()
        self._actions = {row.id: self._make(row) for row in self.rows.values()}

    def __getitem__(self, action_id: str) -> QAction:
        return self._actions[action_id]

    def __contains__(self, action_id: object) -> bool:
        return action_id in self._actions

    def __iter__(self) -> Iterator[str]:
        return iter(self._actions)

    @property
    def active(self) -> str:
        return self._active

    def text(self, action_id: str) -> str:
        """The row's text in the user's language, whatever detail the action shows now."""
        return _tr(self.rows[action_id].text)

    def shortcut_texts(self, action_id: str) -> list[str]:
        """Key sequences as the platform writes them, the main one first."""
        shortcuts = self._actions[action_id].shortcuts()
        return [each.toString(QKeySequence.SequenceFormat.NativeText) for each in shortcuts]

    def register(self, handlers: Mapping[str, Handler], workspace: str = WINDOW) -> None:
        """Who answers, for a workspace or the window itself. Raises KeyError for an id that is no action."""
        for action_id in handlers:
            if action_id not in self._actions:
                raise KeyError(action_id)
        self._handlers.setdefault(workspace, {}).update(handlers)
        self._renew()

    def set_active(self, workspace: str) -> None:
        """The workspace in front: its handlers answer the actions that belong to none."""
        self._active = workspace
        self._renew()

    def set_enabled(self, action_id: str, enabled: bool) -> None:
        """Whether an action makes sense now; it also needs somebody to answer."""
        if enabled:
            self._disabled.discard(action_id)
        else:
            self._disabled.add(action_id)
        self._actions[action_id].setEnabled(self._possible(action_id))

    def set_detail(self, action_id: str, detail: str) -> None:
        """What the action would do now, as in `Undo: set conv2 padding to 2`; an empty detail takes it away."""
        text = self.text(action_id)
        self._actions[action_id].setText(f"{text}: {detail}" if detail else text)

    def run(self, action_id: str) -> bool:
        """Do it, as its shortcut would; False when it cannot be done now."""
        if not self._possible(action_id):
            return False
        row = self.rows[action_id]
        if row.workspace and row.follow and row.workspace != self._active:
            self.followed.emit(row.workspace)
        handler = self._handler(action_id)
        if handler is not None:
            handler()
        return True

    def fill_menu(self, menu_id: str, parent: QWidget) -> QMenu:
        """The menu of one area, presets under `file.new` in menus of their own."""
        menu = QMenu(_tr(MENUS[menu_id]), parent)
        menu.setObjectName(f"menu.{menu_id}")
        menu.setToolTipsVisible(True)
        for row in self.rows.values():
            if row.menu != menu_id or row.id.startswith("file.new."):
                continue
            if row.id in _SEPARATED:
                menu.addSeparator()
            menu.addAction(self._actions[row.id])
            if row.id == "file.new":
                self._add_presets(menu)
        if menu_id == "help":
            menu.insertAction(menu.actions()[0], self._actions["palette.open"])
        return menu

    def _add_presets(self, menu: QMenu) -> None:
        """A menu of all presets, each group in one of its own: some thirty are too many for one."""
        names = [each.removeprefix("file.new.") for each in self._actions if each.startswith("file.new.")]
        if not names:
            return
        nested = menu.addMenu(self._theme.icons.icon("layer", "muted"), self.tr("New from a classic network"))
        nested.setObjectName("menu.file.presets")
        groups: dict[str, QMenu] = {}
        for name in names:
            group = presets.info(name).group
            if group not in groups:
                groups[group] = nested.addMenu(group)
                groups[group].setObjectName(f"menu.file.presets.{len(groups)}")
                groups[group].setToolTipsVisible(True)
            groups[group].addAction(self._actions[f"file.new.{name}"])

    def menus(self, parent: QWidget) -> list[QMenu]:
        """All menus in their order."""
        return [self.fill_menu(menu_id, parent) for menu_id in MENUS]

    def entries(self) -> list[SearchEntry]:
        """Every action as a line of the command palette."""
        return [self._entry(row) for row in self.rows.values() if row.id != "palette.open"]

    def _entry(self, row: ActionRow) -> SearchEntry:
        action = self._actions[row.id]
        new = row.id.startswith("file.new.")
        text = self.tr("New: {title}").format(title=_tr(row.text)) if new else action.text()
        return SearchEntry(
            text=text,
            run=action.trigger,
            detail="" if new else _tr(row.help),
            icon=row.icon,
            shortcut=", ".join(self.shortcut_texts(row.id)[:1]),
            keywords=f"{row.id.replace('.', ' ')} {_tr(MENUS.get(row.menu, '')).replace('&', '')}",
            enabled=action.isEnabled(),
        )

    def _make(self, row: ActionRow) -> QAction:
        action = QAction(self._theme.icons.icon(row.icon, "muted"), _tr(row.text), self)
        action.setObjectName(row.id)
        sequences = [QKeySequence(each) for each in row.shortcut.split("  ") if each]
        action.setShortcuts(sequences)
        keys = ", ".join(each.toString(QKeySequence.SequenceFormat.NativeText) for each in sequences)
        action.setToolTip(f"{_tr(row.help)} ({keys})" if keys else _tr(row.help))
        action.setStatusTip(_tr(row.help))
        action.setEnabled(False)
        action.setMenuRole(_ROLES.get(row.id, QAction.MenuRole.NoRole))
        action.triggered.connect(lambda: self.run(row.id))
        return action

    def _handler(self, action_id: str) -> Handler | None:
        place = self.rows[action_id].workspace or self._active
        own = self._handlers.get(place, {}).get(action_id)
        return own or self._handlers[WINDOW].get(action_id)

    def _possible(self, action_id: str) -> bool:
        return action_id not in self._disabled and self._handler(action_id) is not None

    def _renew(self) -> None:
        for action_id, action in self._actions.items():
            action.setEnabled(self._possible(action_id))


def _tr(text: str) -> str:
    return QCoreApplication.translate("Actions", text)


_SEPARATED = {
    "file.open", "file.save", "file.export_report", "file.quit", "edit.delete", "train.reset", "view.zoom_in",
    "view.theme",
}  # fmt: skip
"""Actions with a line above them in their menu."""

_ROLES = {"file.quit": QAction.MenuRole.QuitRole, "help.about": QAction.MenuRole.AboutRole}
