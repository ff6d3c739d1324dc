"""What the network learns from: some of its pictures, their number, their split, and how they come here."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from PySide6.QtCore import QCoreApplication, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from cnnstudio.data import DATASETS, DatasetInfo
from cnnstudio.gui.theme import Theme, bytes_text, count_text, percent_text, shape_text
from cnnstudio.gui.widgets import (
    GRID,
    ChoiceField,
    Field,
    Form,
    IntField,
    ProgressLine,
    SectionLabel,
    TextField,
    ThumbnailGrid,
    button,
    icon_button,
    label,
    parsing,
)
from cnnstudio.gui.widgets.elided import ElidedLabel
from cnnstudio.project import DataChoice
from cnnstudio.session import DataSource, DataState

SHOWN, CELL = 12, 37
LARGEST_SIDE = 1024


class DataPanel(QWidget):
    """`edited` carries a DataChoice with another split or size; `choose` asks for the dialog."""

    edited = Signal(object)
    choose = Signal()
    load = Signal()
    cancel = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("dataPanel")
        self._choice = DataChoice()
        self._shown: object = None
        self._running = False
        self.pictures = ThumbnailGrid(theme, cell=CELL)
        self.pictures.setObjectName("dataPictures")
        self.pictures.setAccessibleName(self.tr("Some of the training pictures"))
        self.title = ElidedLabel("heading", "dataTitle", mode=Qt.TextElideMode.ElideMiddle)
        self.counts = label("", "small", "dataCounts")
        self.counts.setWordWrap(True)
        self.change = button(self.tr("Change…"), "link", "dataChange")
        self.change.setToolTip(self.tr("Choose another data set, a folder of pictures or a file"))
        self.change.clicked.connect(self.choose)
        self.fetch = button("", "", "dataFetch")
        self.fetch.clicked.connect(self.load)
        self.progress = ProgressLine(theme)
        self.progress.setObjectName("dataProgress")
        self.cancel_button = icon_button(theme, "close", self.tr("Cancel loading"), "dataCancelLoad")
        self.cancel_button.clicked.connect(self.cancel)
        self.trouble = label("", "danger", "dataTrouble")
        self.trouble.setWordWrap(True)
        self._lay_out(theme)
        self.set_choice(self._choice)

    def _lay_out(self, theme: Theme) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GRID)
        head = QHBoxLayout()
        head.addWidget(SectionLabel(self.tr("Data")), 1)
        head.addWidget(self.change)
        column.addLayout(head)
        column.addWidget(_shelf(self.pictures))
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(self.title)
        words.addWidget(self.counts)
        column.addLayout(words)
        self._loading = QWidget()
        row = QHBoxLayout(self._loading)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.progress, 1)
        row.addWidget(self.cancel_button)
        column.addWidget(self._loading)
        column.addWidget(self.trouble)
        column.addWidget(self.fetch)
        form = Form()
        self.validation = TextField(theme, _check_share, _read_share, percent_plain, _step_share)
        self.seed = IntField(theme, 0, 1_000_000)
        self.side = TextField(
            theme, _check_size, parsing.read_sizes, _show_size, None, optional=True, placeholder=self.tr("as it is")
        )
        modes = ((None, self.tr("as it is")), ("grey", self.tr("grey")), ("rgb", self.tr("colour")))
        self.mode = ChoiceField(theme, modes)
        fields: tuple[tuple[str, str, Field, str], ...] = (
            (
                "validation",
                self.tr("Validation"),
                self.validation,
                self.tr("Share of the training pictures that checks"),
            ),
            ("seed", self.tr("Split seed"), self.seed, self.tr("Which pictures are held out")),
            ("size", self.tr("Picture size"), self.side, self.tr("Height and width that all pictures are brought to")),
            ("mode", self.tr("Colour"), self.mode, self.tr("Grey has one channel, colour three")),
        )
        self._optional: list[QWidget] = []
        for name, text, field, tip in fields:
            field.setObjectName(f"data.{name}")
            caption = form.add(text, field, tip)
            field.committed.connect(lambda value, name=name: self._commit(name, value))
            if name in ("size", "mode"):
                self._optional += [caption, field]
        column.addWidget(form)

    # -- showing

    def set_choice(self, choice: DataChoice) -> None:
        """Show a choice; emits nothing."""
        self._choice = choice
        self.validation.set_value(choice.validation)
        self.seed.set_value(choice.seed)
        self.side.set_value(choice.size)
        self.mode.set_value(choice.mode)
        for part in self._optional:
            part.setVisible(choice.source not in DATASETS or choice.size is not None or choice.mode is not None)

    def set_running(self, running: bool) -> None:
        """The data stays what it is while a run is under way."""
        self._running = running
        parts: tuple[QWidget, ...] = (self.change, self.validation, self.seed, self.side, self.mode)
        for part in parts:
            part.setEnabled(not running)

    def show_source(self, source: DataSource) -> None:
        """Show what the session has to say about its data."""
        if source.choice != self._choice:
            self.set_choice(source.choice)
        loading, failed = source.state is DataState.LOADING, source.state is DataState.FAILED
        self.title.setText(source.title)
        self._loading.setVisible(loading)
        self.trouble.setText(source.error or "")
        self.trouble.setVisible(failed)
        self.fetch.setVisible(source.state in (DataState.EMPTY, DataState.FAILED))
        self.fetch.setText(self.fetch_text(source))
        if loading:
            done, total, _file = source.progress
            self.progress.set_progress(done, total)
        self.counts.setText(self._counts(source))
        self._show_pictures(source)

    def fetch_text(self, source: DataSource) -> str:
        """What the button that loads the present choice says."""
        info = DATASETS.get(source.choice.source)
        if info is not None and source.needs_download:
            return self.tr("Download {size}").format(size=bytes_text(info.size))
        return self.tr("Try again") if source.state is DataState.FAILED else self.tr("Load")

    def _counts(self, source: DataSource) -> str:
        dataset = source.dataset
        if dataset is not None:
            parts = [
                self.tr("{count} train").format(count=count_text(len(dataset.train))),
                self.tr("{count} validation").format(count=count_text(len(dataset.validation))),
                self.tr("{count} test").format(count=count_text(len(dataset.test))),
            ]
            return " · ".join(parts)
        if source.state is DataState.LOADING:
            done, total, file = source.progress
            if not file:
                return self.tr("Loading")
            return self.tr("{file}: {done} of {total}").format(
                file=file, done=bytes_text(done), total=bytes_text(total)
            )
        info: DatasetInfo | None = DATASETS.get(source.choice.source)
        if info is None:
            return self.tr("Not loaded")
        return self.tr("{count} pictures of {shape}").format(
            count=count_text(info.train + info.test), shape=shape_text(info.shape)
        )

    def _show_pictures(self, source: DataSource) -> None:
        dataset = source.dataset
        if dataset is self._shown:
            return
        self._shown = dataset
        if dataset is None:
            self.pictures.set_pictures([])
        else:
            # Evenly over the split, so that the first class does not fill the shelf.
            count = len(dataset.train)
            indices = np.unique(np.linspace(0, count - 1, min(SHOWN, count)).round().astype(int))
            names = [dataset.classes[int(dataset.train.labels[index])] for index in indices]
            self.pictures.set_pictures(dataset.train.images[indices], names)
            notes = [shape_text(dataset.shape), *dataset.notes]
            self.counts.setToolTip("\n".join(notes))

    def _commit(self, name: str, value: object) -> None:
        if name == "size" and isinstance(value, int):
            value = (value, value)
        changes: dict[str, Any] = {name: value}
        self.set_choice(replace(self._choice, **changes))
        self.edited.emit(self._choice)


def _shelf(pictures: ThumbnailGrid) -> QWidget:
    """Two rows high, also while it is empty: what stands below does not move when the pictures come."""
    shelf = QWidget()
    column = QVBoxLayout(shelf)
    column.setContentsMargins(0, 0, 0, 0)
    column.addWidget(pictures)
    column.addStretch(1)
    shelf.setFixedHeight(2 * (CELL + 4))
    return shelf


def percent_plain(value: object) -> str:
    """`0.1` as `10 %`, without decimals that say nothing."""
    share = float(value) if isinstance(value, (int, float)) else 0.0
    return percent_text(share, 0 if abs(100 * share - round(100 * share)) < 1e-6 else 1)


def _read_share(text: str) -> object:
    number = parsing.read_float(text.replace("%", ""))
    if not isinstance(number, float):
        return text
    return number / 100 if "%" in text or number >= 1 else number


def _check_share(value: object) -> object:
    if isinstance(value, (int, float)) and not isinstance(value, bool) and 0 <= value <= 0.9:
        return round(float(value), 6)
    raise ValueError(QCoreApplication.translate("DataPanel", "Enter a share from 0 % to 90 %."))


def _step_share(value: object, direction: int) -> object:
    return round(float(value) + 0.05 * direction, 6) if isinstance(value, (int, float)) else value


def _check_size(value: object) -> object:
    sizes = (value, value) if isinstance(value, int) else value
    if isinstance(sizes, tuple) and len(sizes) == 2 and all(1 <= each <= LARGEST_SIDE for each in sizes):
        return sizes
    words = QCoreApplication.translate("DataPanel", "Enter a size from 1 to {most} pixels, as 32 or 32 × 48.")
    raise ValueError(words.format(most=LARGEST_SIDE))


def _show_size(value: object) -> str:
    return parsing.show_sizes(value) if value is not None else ""
