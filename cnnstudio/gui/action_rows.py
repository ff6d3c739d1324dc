"""Everything the user can do, one row each. Menus, tooltips, shortcuts and the command palette are made of these."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


def QT_TRANSLATE_NOOP(_context: str, text: str) -> str:
    """Marks a text for the translators and leaves it as it is; Qt's own returns an untyped object."""
    return text


@dataclass(frozen=True, slots=True)
class ActionRow:
    """One action. `shortcut` may hold several key sequences, separated by two spaces.

    An action with a `workspace` belongs to it and works from anywhere; `follow` brings that workspace to the front.
    One without belongs to whichever workspace is in front, or to the window.
    """

    id: str
    text: str
    shortcut: str
    icon: str
    help: str
    workspace: str = ""
    follow: bool = True

    @property
    def menu(self) -> str:
        return self.id.partition(".")[0]


MENUS: Mapping[str, str] = {
    "file": QT_TRANSLATE_NOOP("Actions", "&File"),
    "edit": QT_TRANSLATE_NOOP("Actions", "&Edit"),
    "build": QT_TRANSLATE_NOOP("Actions", "&Build"),
    "network": QT_TRANSLATE_NOOP("Actions", "&Network"),
    "train": QT_TRANSLATE_NOOP("Actions", "&Train"),
    "inspect": QT_TRANSLATE_NOOP("Actions", "&Inspect"),
    "view": QT_TRANSLATE_NOOP("Actions", "&View"),
    "help": QT_TRANSLATE_NOOP("Actions", "&Help"),
}
"""Menus in their order; an action stands in the menu that its id begins with."""

FILE = (
    ActionRow(
        "file.new",
        QT_TRANSLATE_NOOP("Actions", "New project"),
        "Ctrl+N",
        "new",
        QT_TRANSLATE_NOOP("Actions", "Start again with the small network for digits"),
    ),
    ActionRow(
        "file.empty",
        QT_TRANSLATE_NOOP("Actions", "Empty the canvas"),
        "Ctrl+Shift+N",
        "input",
        QT_TRANSLATE_NOOP("Actions", "Take all layers away, to draw a network from nothing; undo brings them back"),
        "build",
    ),
    ActionRow(
        "file.open",
        QT_TRANSLATE_NOOP("Actions", "Open project…"),
        "Ctrl+O",
        "open",
        QT_TRANSLATE_NOOP("Actions", "Open a .cnnstudio file"),
    ),
    ActionRow(
        "file.recent",
        QT_TRANSLATE_NOOP("Actions", "Open recent project…"),
        "Ctrl+Shift+O",
        "recent",
        QT_TRANSLATE_NOOP("Actions", "Choose from the projects opened last"),
    ),
    ActionRow(
        "file.save",
        QT_TRANSLATE_NOOP("Actions", "Save"),
        "Ctrl+S",
        "save",
        QT_TRANSLATE_NOOP("Actions", "Save the network, its weights and its history"),
    ),
    ActionRow(
        "file.save_as",
        QT_TRANSLATE_NOOP("Actions", "Save as…"),
        "Ctrl+Shift+S",
        "save-as",
        QT_TRANSLATE_NOOP("Actions", "Save under another name"),
    ),
    ActionRow(
        "file.export_report",
        QT_TRANSLATE_NOOP("Actions", "Export report…"),
        "Ctrl+E",
        "report",
        QT_TRANSLATE_NOOP("Actions", "Write all figures of the network into a file: Markdown, CSV, JSON, text or SVG"),
    ),
    ActionRow(
        "file.copy_report",
        QT_TRANSLATE_NOOP("Actions", "Copy report as Markdown"),
        "Ctrl+Shift+E",
        "copy",
        QT_TRANSLATE_NOOP("Actions", "Put all figures of the network on the clipboard, as a Markdown table"),
    ),
    ActionRow(
        "file.quit",
        QT_TRANSLATE_NOOP("Actions", "Quit"),
        "Ctrl+Q",
        "quit",
        QT_TRANSLATE_NOOP("Actions", "Stop training and close CNN Studio"),
    ),
)

EDIT = (
    ActionRow(
        "edit.undo",
        QT_TRANSLATE_NOOP("Actions", "Undo"),
        "Ctrl+Z",
        "undo",
        QT_TRANSLATE_NOOP("Actions", "Take the last edit of the network back"),
    ),
    ActionRow(
        "edit.redo",
        QT_TRANSLATE_NOOP("Actions", "Redo"),
        "Ctrl+Shift+Z  Ctrl+Y",
        "redo",
        QT_TRANSLATE_NOOP("Actions", "Make the edit again that was taken back"),
    ),
    ActionRow(
        "edit.delete",
        QT_TRANSLATE_NOOP("Actions", "Delete"),
        "Del",
        "delete",
        QT_TRANSLATE_NOOP("Actions", "Delete the selection; the wire around a deleted layer is healed"),
    ),
    ActionRow(
        "edit.select_all",
        QT_TRANSLATE_NOOP("Actions", "Select all"),
        "Ctrl+A",
        "select-all",
        QT_TRANSLATE_NOOP("Actions", "Select every layer"),
    ),
    ActionRow(
        "edit.rename",
        QT_TRANSLATE_NOOP("Actions", "Rename layer"),
        "F2",
        "rename",
        QT_TRANSLATE_NOOP("Actions", "Give the selected layer another name"),
    ),
)

BUILD = (
    ActionRow(
        "build.append",
        QT_TRANSLATE_NOOP("Actions", "Append layer…"),
        "Ctrl+L",
        "append",
        QT_TRANSLATE_NOOP("Actions", "Search a layer kind and append it after the selection"),
        "build",
    ),
    ActionRow(
        "build.connect",
        QT_TRANSLATE_NOOP("Actions", "Connect layers…"),
        "Ctrl+J",
        "connect",
        QT_TRANSLATE_NOOP("Actions", "Draw a wire with the keyboard: from the selected layer to one you choose"),
        "build",
    ),
    ActionRow(
        "build.arrange",
        QT_TRANSLATE_NOOP("Actions", "Arrange"),
        "Ctrl+Shift+A",
        "arrange",
        QT_TRANSLATE_NOOP("Actions", "Put all cards in order, top to bottom"),
        "build",
    ),
)

NETWORK = (
    ActionRow(
        "network.profile",
        QT_TRANSLATE_NOOP("Actions", "Measure time…"),
        "Ctrl+M",
        "measure",
        QT_TRANSLATE_NOOP("Actions", "Measure how long each layer takes, there and back"),
        "build",
    ),
    ActionRow(
        "network.compare",
        QT_TRANSLATE_NOOP("Actions", "Compare with…"),
        "Ctrl+Shift+M",
        "compare",
        QT_TRANSLATE_NOOP("Actions", "Lay the network beside a classic one, a project file or the version last saved"),
        "build",
    ),
)

TRAIN = (
    ActionRow(
        "train.start",
        QT_TRANSLATE_NOOP("Actions", "Train"),
        "F5",
        "play",
        QT_TRANSLATE_NOOP("Actions", "Start training, or go on after a pause"),
        "train",
    ),
    ActionRow(
        "train.pause",
        QT_TRANSLATE_NOOP("Actions", "Pause"),
        "F6",
        "pause",
        QT_TRANSLATE_NOOP("Actions", "Hold the training after this batch"),
        "train",
        follow=False,
    ),
    ActionRow(
        "train.step",
        QT_TRANSLATE_NOOP("Actions", "Step"),
        "F7",
        "step",
        QT_TRANSLATE_NOOP("Actions", "Train on one batch and pause"),
        "train",
        follow=False,
    ),
    ActionRow(
        "train.stop",
        QT_TRANSLATE_NOOP("Actions", "Stop"),
        "Shift+F5",
        "stop",
        QT_TRANSLATE_NOOP("Actions", "End the training; the weights stay as they are"),
        "train",
        follow=False,
    ),
    ActionRow(
        "train.reset",
        QT_TRANSLATE_NOOP("Actions", "Reset weights"),
        "Ctrl+Shift+R",
        "reset",
        QT_TRANSLATE_NOOP("Actions", "Forget what was learned and start from fresh random weights"),
        "train",
    ),
    ActionRow(
        "train.data",
        QT_TRANSLATE_NOOP("Actions", "Choose data set…"),
        "Ctrl+D",
        "dataset",
        QT_TRANSLATE_NOOP("Actions", "Choose what to train on"),
        "train",
    ),
)

INSPECT = (
    ActionRow(
        "inspect.open",
        QT_TRANSLATE_NOOP("Actions", "Open picture…"),
        "Ctrl+I",
        "picture",
        QT_TRANSLATE_NOOP("Actions", "Send a picture file through the network"),
        "inspect",
    ),
    ActionRow(
        "inspect.samples",
        QT_TRANSLATE_NOOP("Actions", "Sample pictures…"),
        "Ctrl+Shift+I",
        "samples",
        QT_TRANSLATE_NOOP("Actions", "Choose one of the pictures that come with the program"),
        "inspect",
    ),
    ActionRow(
        "inspect.dataset",
        QT_TRANSLATE_NOOP("Actions", "Picture from the data set…"),
        "Ctrl+Shift+D",
        "dataset",
        QT_TRANSLATE_NOOP("Actions", "Choose a picture of the data set that is trained on"),
        "inspect",
    ),
    ActionRow(
        "inspect.clear",
        QT_TRANSLATE_NOOP("Actions", "Clear picture"),
        "Ctrl+Shift+X",
        "close",
        QT_TRANSLATE_NOOP("Actions", "Take the picture away"),
        "inspect",
    ),
)

VIEW = (
    ActionRow(
        "view.build",
        QT_TRANSLATE_NOOP("Actions", "Go to Build"),
        "Ctrl+1",
        "build",
        QT_TRANSLATE_NOOP("Actions", "Draw the network"),
    ),
    ActionRow(
        "view.train",
        QT_TRANSLATE_NOOP("Actions", "Go to Train"),
        "Ctrl+2",
        "train",
        QT_TRANSLATE_NOOP("Actions", "Watch the network learn"),
    ),
    ActionRow(
        "view.inspect",
        QT_TRANSLATE_NOOP("Actions", "Go to Inspect"),
        "Ctrl+3",
        "inspect",
        QT_TRANSLATE_NOOP("Actions", "See what every layer makes of a picture"),
    ),
    ActionRow(
        "view.zoom_in",
        QT_TRANSLATE_NOOP("Actions", "Zoom in"),
        "Ctrl++  Ctrl+=",
        "zoom-in",
        QT_TRANSLATE_NOOP("Actions", "Show it larger"),
    ),
    ActionRow(
        "view.zoom_out",
        QT_TRANSLATE_NOOP("Actions", "Zoom out"),
        "Ctrl+-",
        "zoom-out",
        QT_TRANSLATE_NOOP("Actions", "Show more of it"),
    ),
    ActionRow(
        "view.zoom_fit",
        QT_TRANSLATE_NOOP("Actions", "Zoom to fit"),
        "Ctrl+0",
        "zoom-fit",
        QT_TRANSLATE_NOOP("Actions", "Show all of it"),
    ),
    ActionRow(
        "view.theme",
        QT_TRANSLATE_NOOP("Actions", "Light or dark"),
        "Ctrl+T",
        "moon",
        QT_TRANSLATE_NOOP("Actions", "Change between the light and the dark look"),
    ),
    ActionRow(
        "view.theme_system",
        QT_TRANSLATE_NOOP("Actions", "Look as the system"),
        "Ctrl+Shift+T",
        "sun",
        QT_TRANSLATE_NOOP("Actions", "Be light or dark as the system is"),
    ),
)

HELP = (
    ActionRow(
        "palette.open",
        QT_TRANSLATE_NOOP("Actions", "Search layers and actions…"),
        "Ctrl+K",
        "search",
        QT_TRANSLATE_NOOP("Actions", "Find any layer or action by name and do it"),
    ),
    ActionRow(
        "help.shortcuts",
        QT_TRANSLATE_NOOP("Actions", "Keyboard shortcuts"),
        "F1  ?",
        "keyboard",
        QT_TRANSLATE_NOOP("Actions", "See every shortcut on one page"),
    ),
    ActionRow(
        "help.about",
        QT_TRANSLATE_NOOP("Actions", "About CNN Studio"),
        "Shift+F1",
        "info",
        QT_TRANSLATE_NOOP("Actions", "Version, licence and what it is made with"),
    ),
)

ROWS: tuple[ActionRow, ...] = (*FILE, *EDIT, *BUILD, *NETWORK, *TRAIN, *INSPECT, *VIEW, *HELP)


def preset_rows(titles: Mapping[str, str]) -> tuple[ActionRow, ...]:
    """One `file.new.<preset>` for each preset (name: title); the first nine get Alt and their number."""
    return tuple(
        ActionRow(f"file.new.{name}", title, f"Alt+{number}" if number < 10 else "", "layer", title)
        for number, (name, title) in enumerate(titles.items(), start=1)
    )
