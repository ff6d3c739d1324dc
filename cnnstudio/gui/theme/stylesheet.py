"""The one style sheet, made from the tokens.

Widgets choose a look by the dynamic property `look` (see `widgets.basics.look`), never by a style sheet of
their own:

    QFrame   card, inset, panel, workspace, warning
    QLabel   title, heading, strong, muted, small, section, number, number-muted, danger, warning, ok
    buttons  primary, link, choice, fold, flat, danger; without a look they are plain raised buttons
"""

from __future__ import annotations

from dataclasses import fields
from string import Template

from cnnstudio.gui.theme.fonts import Fonts
from cnnstudio.gui.theme.palette import Palette

_FRAMES = Template("""
QMainWindow, QDialog, QWidget[look="panel"] { background: $surface; }
QWidget[look="workspace"], QScrollArea[look="workspace"] { background: $background; }
QFrame[look="card"] { background: $surface; border: 1px solid $border; border-radius: 8px; }
QFrame[look="card"][selected="true"] { border: 2px solid $accent; }
QFrame[look="inset"] { background: $raised; border: none; border-radius: 8px; }
QFrame[look="toast"] { background: $surface; border: 1px solid $border; border-radius: 8px; }
QFrame[look="popup"] { background: $surface; border: 1px solid $border; border-radius: 8px; }
QFrame[look="warning"] { background: $warning_tint; border: none; border-radius: 8px; }
QFrame[look="line"] { background: $line; border: none; min-height: 1px; max-height: 1px; }
QScrollArea { background: transparent; border: none; }
QScrollArea > QWidget > QWidget[look="transparent"], QWidget[look="transparent"] {
    background: transparent;
}
QSplitter::handle { background: $border; }
QSplitter::handle:hover { background: $accent; }
QSplitter::handle:horizontal { width: 1px; }
QSplitter::handle:vertical { height: 1px; }
QGroupBox { border: none; margin: 0; padding: 0; }
""")

_LABELS = Template("""
QLabel { background: transparent; color: $text; }
QLabel:disabled { color: $faint; }
QLabel[look="title"] { font-size: ${body_3}px; font-weight: bold; }
QLabel[look="heading"] { font-size: ${body_1}px; font-weight: bold; }
QLabel[look="strong"] { font-weight: bold; }
QLabel[look="muted"] { color: $muted; }
QLabel[look="small"] { color: $muted; font-size: ${small}px; }
QLabel[look="section"] { color: $muted; font-size: ${caption}px; font-weight: bold; letter-spacing: 0.3px; }
QLabel[look="number"] { font-family: "$figures"; }
QLabel[look="number-muted"] { font-family: "$figures"; color: $muted; }
QLabel[look="key"] {
    color: $muted; background: $raised; border: 1px solid $border; border-radius: 4px; padding: 1px 6px;
    font-size: ${small}px;
}
QLabel[look="danger"] { color: $danger; }
QLabel[look="accent"] { color: $accent; }
QLabel[look="warning"] { color: $warning; }
QLabel[look="ok"] { color: $ok; font-weight: bold; }
QLabel[look="bubble"] {
    color: $danger; background: $danger_tint; border: 1px solid $danger; border-radius: 4px;
    padding: 3px 6px; font-size: ${small}px;
}
QToolTip {
    color: $text; background: $raised; border: 1px solid $border; padding: 4px 6px; font-size:
    ${small}px;
}
""")

_BUTTONS = Template("""
QPushButton, QToolButton {
    background: $raised; color: $text; border: 1px solid $border; border-radius: 6px; padding: 5px
    14px; min-height: 16px;
}
QPushButton:hover, QToolButton:hover { background: $hover; }
QPushButton:pressed, QToolButton:pressed { background: $pressed; }
QPushButton:focus, QToolButton:focus { border: 1px solid $accent; }
QPushButton:disabled, QToolButton:disabled { color: $faint; background: $background; border-color: $line; }
QPushButton:checked, QToolButton:checked {
    background: $accent_tint; color: $accent; border-color: $accent_tint;
}
QPushButton[look="primary"] {
    background: $accent; color: $on_accent; border-color: $accent; font-weight: bold;
}
QPushButton[look="primary"]:hover { background: $accent_hover; border-color: $accent_hover; }
QPushButton[look="primary"]:pressed { background: $accent_pressed; border-color: $accent_pressed; }
QPushButton[look="primary"]:focus { border: 2px solid $accent_ring; padding: 4px 13px; }
QPushButton[look="primary"]:disabled { background: $raised; color: $faint; border-color: $border; }
QPushButton[look="danger"] { color: $danger; }
QPushButton[look="link"] {
    background: transparent; color: $accent; border: 1px solid transparent; font-weight: bold;
    padding: 2px 4px;
    text-align: left;
}
QPushButton[look="link"]:hover { color: $accent_hover; text-decoration: underline; }
QPushButton[look="link"]:focus { border-color: $accent; }
QPushButton[look="link"]:disabled { color: $faint; }
QPushButton[look="choice"] {
    background: transparent; color: $muted; border: none; border-bottom: 1px dotted $muted; border-radius: 0;
    padding: 0; text-align: left;
}
QPushButton[look="choice"]:hover, QPushButton[look="choice"]:focus { color: $accent; border-bottom-color: $accent; }
QPushButton[look="fold"] {
    background: transparent; color: $muted; border: 1px solid transparent; border-radius: 4px;
    padding: 2px 4px 2px 0; text-align: left; font-size: ${small}px; font-weight: bold;
}
QPushButton[look="fold"]:hover, QPushButton[look="fold"]:checked { background: transparent; color: $text; }
QPushButton[look="fold"]:focus { border-color: $accent; }
QPushButton[look="flat"], QToolButton[look="flat"] {
    background: transparent; border: 1px solid transparent; padding: 4px;
}
QPushButton[look="flat"]:hover, QToolButton[look="flat"]:hover { background: $raised; }
QPushButton[look="flat"]:pressed, QToolButton[look="flat"]:pressed { background: $pressed; }
QPushButton[look="flat"]:checked, QToolButton[look="flat"]:checked {
    background: $accent_tint; color: $accent;
}
QPushButton[look="flat"]:focus, QToolButton[look="flat"]:focus { border-color: $accent; }
QFileDialog QToolButton { padding: 2px; min-height: 18px; }
QToolButton::menu-indicator, QPushButton::menu-indicator { image: none; width: 0; }
QPushButton[look="status"] {
    background: transparent; border: 1px solid transparent; border-radius: 4px; padding: 0 4px;
    color: $muted; text-align: left; font-size: ${small}px;
}
QPushButton[look="status"][level="danger"] { color: $danger; font-weight: bold; }
QPushButton[look="status"][level="ok"] { color: $ok; font-weight: bold; }
QPushButton[look="status"][level="warning"] { color: $warning; font-weight: bold; }
QPushButton[look="status"]:hover { background: $raised; }
QPushButton[look="status"]:focus { border-color: $accent; }
QPushButton[look="pill"] {
    background: $raised; border: 1px solid transparent; border-radius: 12px; color: $muted; padding:
    3px 12px; text-align: left;
}
QPushButton[look="pill"]:hover { background: $hover; }
QPushButton[look="pill"]:focus { border-color: $accent; }
""")

_FIELDS = Template("""
QLineEdit, QPlainTextEdit, QTextEdit, QAbstractSpinBox, QComboBox {
    background: $raised; color: $text; border: 1px solid $border; border-radius: 5px; padding: 3px
    8px; min-height: 17px;
    selection-background-color: $accent; selection-color: $on_accent;
}
QLineEdit[look="number"], QAbstractSpinBox { font-family: "$figures"; }
QLineEdit:hover, QComboBox:hover, QAbstractSpinBox:hover { border-color: $field_hover; }
QLineEdit:focus, QPlainTextEdit:focus, QTextEdit:focus,
QAbstractSpinBox:focus, QComboBox:focus {
    border-color: $accent;
}
QLineEdit[wrong="true"], QLineEdit[wrong="true"]:focus { border-color: $danger; }
QLineEdit:disabled, QComboBox:disabled, QAbstractSpinBox:disabled {
    color: $faint; background: $background; border-color: $line;
}
QLineEdit[look="bare"] { background: transparent; border: none; font-size: ${body_3}px; padding: 6px 4px; }
QComboBox { padding-right: 20px; }
QComboBox::drop-down { border: none; width: 0; }
QComboBox QAbstractItemView {
    background: $surface; border: 1px solid $border; outline: none; padding: 4px;
    selection-background-color: $accent_tint;
    selection-color: $text;
}
QSlider { min-height: 18px; background: transparent; }
QSlider::groove:horizontal { height: 4px; background: $border; border-radius: 2px; }
QSlider::sub-page:horizontal { background: $accent; border-radius: 2px; }
QSlider::handle:horizontal {
    width: 14px; height: 14px; margin: -5px 0; border-radius: 7px; background: $accent;
}
QSlider::handle:horizontal:focus { border: 2px solid $accent_ring; width: 10px; height: 10px; }
QProgressBar {
    background: $raised; border: none; border-radius: 4px; max-height: 8px; min-height: 8px; color:
    transparent;
}
QProgressBar::chunk { background: $accent; border-radius: 4px; }
""")

_ITEMS = Template("""
QTableView, QTreeView, QListView {
    background: $surface; border: none; outline: none; gridline-color: $line;
    alternate-background-color: $surface;
    selection-background-color: $accent_tint; selection-color: $text;
}
QTableView::item { border: none; border-bottom: 1px solid $line; padding: 0 8px; }
QTableView::item:selected { background: $accent_tint; color: $text; }
QTableView:focus, QTreeView:focus, QListView:focus { border: 1px solid $accent; }
QTableView#analysisTable:focus { border: none; }
QTreeView::item, QListView::item { padding: 4px 6px; border-radius: 4px; border: none; }
QTreeView::item:hover, QListView::item:hover { background: $raised; }
QTreeView::item:selected, QListView::item:selected { background: $accent_tint; color: $text; }
QHeaderView { background: $surface; border: none; }
QHeaderView::section {
    background: $surface; color: $muted; border: none; padding: 6px 8px; font-size: ${small}px;
    font-weight: bold;
}
QHeaderView[look="close"]::section { padding: 6px 5px; }
QTableCornerButton::section { background: $surface; border: none; }
QTabBar { background: transparent; border: none; }
QTabBar::tab {
    background: transparent; color: $muted; border: none; border-bottom: 2px solid transparent;
    padding: 4px 2px; margin-right: 14px;
}
QTabBar::tab:hover { color: $text; }
QTabBar::tab:selected { color: $text; border-bottom-color: $accent; }
QTabBar::tab:focus { color: $accent; }
QTabWidget::pane { border: none; }
QScrollBar:vertical { background: transparent; width: 10px; margin: 0; }
QScrollBar:horizontal { background: transparent; height: 10px; margin: 0; }
QScrollBar::handle { background: $scroll; border-radius: 3px; margin: 2px; }
QScrollBar::handle:vertical { min-height: 28px; }
QScrollBar::handle:horizontal { min-width: 28px; }
QScrollBar::handle:hover { background: $muted; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; background: none; }
QScrollBar::add-page, QScrollBar::sub-page { background: none; }
QAbstractScrollArea::corner { background: transparent; border: none; }
""")

_SHELL = Template("""
QMenuBar { background: $surface; color: $text; border: none; padding: 2px; }
QMenuBar::item { padding: 4px 8px; border-radius: 4px; background: transparent; }
QMenuBar::item:selected { background: $raised; }
QMenu { background: $surface; color: $text; border: 1px solid $border; padding: 6px; }
QMenu::item { padding: 6px 28px 6px 10px; border-radius: 4px; }
QMenu::icon { padding-left: 8px; }
QMenu::item:selected { background: $accent_tint; color: $text; }
QMenu::item:disabled { color: $faint; background: transparent; }
QMenu::separator { height: 1px; background: $line; margin: 5px 8px; }
QWidget#header { background: $surface; border: none; border-bottom: 1px solid $border; }
QWidget#statusBar { background: $surface; border: none; border-top: 1px solid $border; }
QWidget#rail { background: $surface; border: none; border-right: 1px solid $border; }
QMessageBox QLabel { min-width: 280px; }
""")


def style_sheet(palette: Palette, fonts: Fonts) -> str:
    """The whole style sheet for one palette and one set of fonts."""
    tokens = {field.name: str(getattr(palette, field.name)) for field in fields(palette)}
    tokens |= {
        "line": palette.blend("border", 0.45),
        "faint": palette.blend("muted", 0.55),
        "scroll": palette.blend("muted", 0.45),
        "hover": palette.blend("text", 0.06, "raised"),
        "pressed": palette.blend("text", 0.12, "raised"),
        "field_hover": palette.blend("muted", 0.4, "border"),
        "accent_tint": palette.blend("accent", 0.14),
        "accent_hover": palette.blend("text", 0.14, "accent"),
        "accent_pressed": palette.blend("text", 0.26, "accent"),
        "accent_ring": palette.blend("text", 0.55, "accent"),
        "warning_tint": palette.blend("warning", 0.14),
        "danger_tint": palette.blend("danger", 0.08),
        "reading": fonts.reading,
        "figures": fonts.figures,
        "caption": str(fonts.body - 3),
        "small": str(fonts.body - 1),
        "body": str(fonts.body),
        "body_1": str(fonts.body + 1),
        "body_3": str(fonts.body + 3),
    }
    sheets = (_FRAMES, _LABELS, _BUTTONS, _FIELDS, _ITEMS, _SHELL)
    return "".join(sheet.substitute(tokens) for sheet in sheets)
