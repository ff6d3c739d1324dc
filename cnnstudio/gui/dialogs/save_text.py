"""Writing a text where the user says: whole or not at all, and what goes wrong in plain words."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from pathlib import Path

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QFileDialog, QWidget

from cnnstudio.data.errors import quoted, reason
from cnnstudio.explain.reports import EndingError, format_by_ending
from cnnstudio.project import SUFFIX
from cnnstudio.project.atomic import write_bytes_atomically

Tell = Callable[[str, str], object]
"""(level, sentence)."""


def write_text(path: Path, formats: Collection[str], text: Callable[[str], str]) -> str:
    """Write UTF-8 in the place of `path`, in the one of `formats` that its name ends in; why that failed, or nothing.

    `text` makes it in a format. A name without an end gets Markdown, one with an end of no format is refused.
    """
    translate = QCoreApplication.translate
    if path.suffix.lower() == SUFFIX:
        return translate("SaveText", "{name} is the name of a project: choose another one for the report.").format(
            name=quoted(path.name)
        )
    try:
        content = text(format_by_ending(path, formats, "markdown"))
        write_bytes_atomically(path, f"{content}\n".encode(errors="replace"))
    except EndingError as error:
        return str(error)
    except OSError as error:
        return translate("SaveText", "{name} cannot be written: {reason}. Choose another folder or name.").format(
            name=quoted(path), reason=reason(error)
        )
    return ""


def ask_where(
    parent: QWidget,
    title: str,
    name: str,
    filters: Mapping[str, str],
    folder: Path | None,
    take: Callable[[Path], None],
) -> None:
    """Ask for a file. filters: a suffix such as `md` and the words for it; the one chosen completes the name."""
    dialog = QFileDialog(parent, title)
    dialog.setObjectName("saveTextDialog")
    dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    lines = {f"{words} (*.{suffix})": suffix for suffix, words in filters.items()}
    dialog.setNameFilters(list(lines))
    dialog.setDefaultSuffix(next(iter(filters)))
    if folder is not None and folder.is_dir():
        dialog.setDirectory(str(folder))
    dialog.selectFile(f"{name}.{next(iter(filters))}")

    def rename(line: str) -> None:
        """Another format chosen: the name's end follows."""
        suffix = lines[line]
        dialog.setDefaultSuffix(suffix)
        chosen = dialog.selectedFiles()
        if chosen and (stem := Path(chosen[0]).name):
            known = Path(stem).suffix.lstrip(".") in filters
            dialog.selectFile(f"{Path(stem).stem if known else stem}.{suffix}")

    dialog.filterSelected.connect(rename)
    dialog.fileSelected.connect(lambda path: take(Path(path)))
    dialog.finished.connect(dialog.deleteLater)
    dialog.open()


def file_name(title: str) -> str:
    """A title as the name of a file: no character that a file system refuses."""
    kept = "".join(each if each.isalnum() or each in " -_.,()" else "-" for each in title).strip(" .-")
    return kept[:80] or "network"
