"""How long each layer takes: measured at a press, shown beside the work that it does."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QGuiApplication, QShowEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from cnnstudio.gui.builder.profile_model import ROW_ROLE, ProfileModel, totals_text
from cnnstudio.gui.builder.profile_table import ProfileTable
from cnnstudio.gui.canvas.notes import unbroken
from cnnstudio.gui.dialogs.sized import SizedDialog
from cnnstudio.gui.theme import Theme
from cnnstudio.gui.widgets.basics import EmptyState, Glyph, ProgressLine, button, label, time_left_text
from cnnstudio.gui.widgets.choices import ChoiceField
from cnnstudio.gui.widgets.fields import IntField
from cnnstudio.gui.widgets.stack import Swatch
from cnnstudio.session import ProfilingState, SessionError, Studio
from cnnstudio.session.profiling import REPEATS

USUAL = QSize(940, 620)
MOST_PICTURES, MOST_REPEATS = 65536, 100


class ProfileDialog(SizedDialog):
    """Stands beside the main window; choosing a row selects the layer there. Closing it calls a measurement off."""

    node_wanted = Signal(str)

    def __init__(self, studio: Studio, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(studio.settings, "profile", USUAL, parent)
        self.setObjectName("profileDialog")
        self.setWindowTitle(self.tr("Time of each layer"))
        self.setMinimumSize(760, 440)
        self._studio, self._session, self._theme = studio, studio.profiling, theme
        self._refusal = ""
        self._chosen_batch: int | None = None
        self.model = ProfileModel()
        self.table = ProfileTable(theme, self.model)
        self._make_controls()
        self._make_result()
        self._lay_out()
        self._connect()

    def showEvent(self, event: QShowEvent) -> None:
        self._refresh()
        super().showEvent(event)

    def done(self, result: int) -> None:
        self._session.cancel()
        super().done(result)

    def measure(self) -> None:
        """Begin with what the fields say."""
        if not (self.pictures.commit() and self.repeats.commit()):
            return
        try:
            self._refusal = ""
            self._session.start(int(str(self.pictures.value())), int(str(self.repeats.value())))
        except SessionError as refusal:
            self._refusal = str(refusal)
            self._refresh()

    def copy(self) -> None:
        """Put the figures on the clipboard, as text."""
        QGuiApplication.clipboard().setText(self.model.text())
        self.copied.setText(self.tr("Copied."))

    # -- building

    def _make_controls(self) -> None:
        theme = self._theme
        self.pictures = IntField(theme, 1, MOST_PICTURES)
        self.pictures.setObjectName("profile.pictures")
        self.pictures.setAccessibleName(self.tr("Pictures at once"))
        self.repeats = IntField(theme, 1, MOST_REPEATS)
        self.repeats.setObjectName("profile.repeats")
        self.repeats.setAccessibleName(self.tr("Repeats"))
        self.repeats.setToolTip(self.tr("Timed passes after one to warm up; a layer's time is the median of them"))
        self.repeats.set_value(REPEATS)
        for field in (self.pictures, self.repeats):
            field.setFixedWidth(84)
        self.measure_button = button(self.tr("Measure"), "primary", "profile.measure")
        self.measure_button.setMinimumWidth(128)
        self.cancel_button = button(self.tr("Cancel"), "", "profile.cancel")
        self.progress = ProgressLine(theme)
        self.left = label("", "small", "profile.left")
        self.left.setFixedWidth(96)
        self.material = label("", "small", "profile.material")
        self.material.setWordWrap(True)
        self._material_glyph = Glyph(theme, "info", 16, "muted")

    def _make_result(self) -> None:
        theme = self._theme
        self._glyph = Glyph(theme, "info", 20, "accent")
        self.remark = label("", "heading", "profile.remark")
        self.remark.setWordWrap(True)
        self.detail = label("", "muted", "profile.detail")
        self.detail.setWordWrap(True)
        self.remedy = button("", "link", "profile.remedy")
        self.order = ChoiceField(theme, [(False, self.tr("As data run")), (True, self.tr("Slowest first"))])
        self.order.setObjectName("profile.order")
        self.order.setAccessibleName(self.tr("Order of the rows"))
        self.copy_button = button(self.tr("Copy as text"), "", "profile.copy")
        self.copy_button.setIcon(theme.icons.icon("copy", "muted"))
        self.close_button = button(self.tr("Close"), "", "profile.close")
        self.copied = label("", "small", "profile.copied")
        self.empty = EmptyState(
            theme,
            "measure",
            self.tr("Nothing has been measured yet"),
            self.tr("A table will stand here: milliseconds and bytes of every layer, beside its multiply-adds."),
            self.tr("Measure"),
        )
        self.empty.button.setObjectName("profile.emptyMeasure")
        self._pages = QStackedWidget()
        for page in (self.empty, self.table):
            self._pages.addWidget(page)

    def _lay_out(self) -> None:
        controls = QHBoxLayout()
        controls.setSpacing(8)
        for text, field in ((self.tr("Pictures"), self.pictures), (self.tr("Repeats"), self.repeats)):
            word = label(text, "muted")
            word.setBuddy(field)
            controls.addWidget(word)
            controls.addWidget(field)
            controls.addSpacing(8)
        for part in (self.measure_button, self.cancel_button):
            controls.addWidget(part)
        controls.addSpacing(8)
        controls.addWidget(self.progress, 1)
        controls.addWidget(self.left)
        material = QHBoxLayout()
        material.setSpacing(6)
        material.addWidget(self._material_glyph, 0, Qt.AlignmentFlag.AlignTop)
        material.addWidget(self.material, 1)
        self.material.setFixedHeight(2 * self.material.fontMetrics().lineSpacing() + 2)
        self.material.setAlignment(Qt.AlignmentFlag.AlignTop)
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 16, 20, 16)
        column.setSpacing(10)
        column.addLayout(controls)
        column.addLayout(material)
        column.addWidget(self._banner())
        column.addWidget(self._pages, 1)
        column.addLayout(self._foot())

    def _banner(self) -> QFrame:
        """What was found, or what is in the way; as high for the one as for the other."""
        banner = QFrame()
        banner.setProperty("look", "inset")
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(self.remark)
        words.addWidget(self.detail)
        words.addStretch(1)
        row = QHBoxLayout(banner)
        row.setContentsMargins(14, 8, 14, 8)
        row.setSpacing(10)
        row.addWidget(self._glyph, 0, Qt.AlignmentFlag.AlignTop)
        row.addLayout(words, 1)
        row.addWidget(self.remedy)
        banner.setFixedHeight(112)  # four lines and two: a name may have 64 letters
        return banner

    def _foot(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(8)
        for token, text in (("accent", self.tr("share of time")), ("muted", self.tr("share of MACs"))):
            row.addWidget(Swatch(self._theme, token))
            row.addWidget(label(text, "small"))
            row.addSpacing(6)
        row.addStretch(1)
        for part in (self.copied, self.order, self.copy_button, self.close_button):
            row.addWidget(part)
        return row

    def _connect(self) -> None:
        studio, session = self._studio, self._session
        session.changed.connect(self._refresh)
        session.progressed.connect(self._show_progress)
        studio.report_changed.connect(self._drawing_changed)
        studio.project_changed.connect(self._forget)
        studio.config_changed.connect(self._drawing_changed)
        studio.data.changed.connect(self._drawing_changed)
        studio.training.state_changed.connect(self._drawing_changed)
        self.pictures.committed.connect(self._pick_batch)
        self.repeats.committed.connect(lambda _value: self._refresh())
        self.measure_button.clicked.connect(self.measure)
        self.empty.activated.connect(self.measure)
        self.cancel_button.clicked.connect(session.cancel)
        self.order.committed.connect(lambda _value: self._show_result())
        self.copy_button.clicked.connect(self.copy)
        self.table.copy_wanted.connect(self.copy)
        self.close_button.clicked.connect(self.reject)
        self.remedy.clicked.connect(self._mend)
        self.table.row_chosen.connect(lambda index: self.node_wanted.emit(index.data(ROW_ROLE).id))

    # -- what it shows

    @property
    def _batch_size(self) -> int:
        return self._session.first_batch_size() if self._chosen_batch is None else self._chosen_batch

    def _pick_batch(self, value: object) -> None:
        assert isinstance(value, int)
        self._chosen_batch = value
        self._refusal = ""
        self._refresh()

    def _forget(self) -> None:
        self._chosen_batch = None
        self._drawing_changed()

    def _drawing_changed(self, _news: object = None) -> None:
        self._refusal = ""
        self._refresh()

    def _refresh(self) -> None:
        if not self.isVisible():
            return
        working = self._session.state is ProfilingState.WORKING
        problem, batch_size = self._session.problem(), self._batch_size
        if self.pictures.value() != batch_size:
            self.pictures.set_value(batch_size)
        for field in (self.pictures, self.repeats):
            field.setEnabled(not working)
        self.measure_button.setEnabled(not working and problem is None)
        again = self._session.result is not None
        self.measure_button.setText(self.tr("Measure again") if again else self.tr("Measure"))
        self.cancel_button.setEnabled(working)
        self.copied.setText("")
        self._show_material(batch_size)
        self._show_progress()
        self._show_result()
        self._show_banner(problem)
        self._show_empty(problem, working)

    def _show_material(self, batch_size: int) -> None:
        warning = self._session.warning(batch_size, int(str(self.repeats.value())))
        self._material_glyph.set_icon("warning" if warning else "info", "warning" if warning else "muted")
        pictures = self._session.pictures_text(batch_size)
        self.material.setText(f"{pictures} {warning}".strip())
        self._material_glyph.setVisible(bool(self.material.text()))

    def _show_progress(self) -> None:
        if not self.isVisible():
            return
        working = self._session.state is ProfilingState.WORKING
        done, total = self._session.progress
        self.progress.set_progress(done if working else 0, total if working else 1)
        self.left.setText(time_left_text(None, self._session.seconds_left) if working else "")

    def _show_result(self) -> None:
        result = self._session.result
        self.model.show(result, slowest_first=bool(self.order.value()))
        self._pages.setCurrentWidget(self.empty if result is None else self.table)
        self.copy_button.setEnabled(result is not None)
        self.order.setEnabled(result is not None)

    def _show_banner(self, problem: str | None) -> None:
        session, result = self._session, self._session.result
        icon, token, head, detail, remedy = "info", "accent", "", "", ""
        if self._refusal or session.state is ProfilingState.FAILED:
            icon, token, head = "error", "danger", self.tr("This could not be measured")
            detail = self._refusal or session.error
        elif session.state is ProfilingState.WORKING:
            head, detail = self.tr("Measuring\u2026"), self.tr("The window can be used meanwhile.")
        elif problem is not None:
            icon, token, head, detail = "warning", "warning", self.tr("Nothing can be measured now"), problem
            remedy = self._remedy_text()
        elif result is not None:
            odd = result.profile.out_of_proportion is not None
            icon, token = ("warning", "warning") if odd else ("check", "ok")
            head, detail = result.profile.remark, f"{totals_text(result)} {self._doubts()}".strip()
            remedy = self.tr("Show the layer") if odd else ""
        elif session.called_off:
            head, detail = self.tr("The measurement was called off"), self.tr("Measure again when you like.")
        else:
            head = self.tr("Which layer takes the time, and is it worth it?")
            detail = self.tr("Each layer is timed forward and backward, and its share held against its work.")
        self._glyph.set_icon(icon, token)
        self.remark.setText(unbroken(head))
        self.detail.setText(unbroken(detail))
        self.remedy.setText(remedy)
        self.remedy.setVisible(bool(remedy))

    def _doubts(self) -> str:
        """What is to be known about older figures, or about disturbed ones."""
        session, result = self._session, self._session.result
        if session.stale:
            return self.tr("The drawing has been changed since: measure again.")
        if session.called_off:
            return self.tr("A newer measurement was called off.")
        if result is not None and result.disturbed:
            return self.tr("A training run computed at the same time, so the times are too long: measure again.")
        return ""

    def _show_empty(self, problem: str | None, working: bool) -> None:
        able = problem is None and not working
        title = self.tr("Measuring\u2026") if working else self.tr("Nothing has been measured yet")
        self.empty.set_text(title, self.empty.text.text(), self.tr("Measure") if able else "")

    # -- remedies

    def _remedy_text(self) -> str:
        if self._studio.report.errors:
            return self.tr("Show the layer") if self._faulty_node() else ""
        return self.tr("Pause the training") if self._studio.training.state.active else ""

    def _faulty_node(self) -> str:
        return next((each.node for each in self._studio.report.errors if each.node), "")

    def _mend(self) -> None:
        result = self._session.result
        if self._studio.report.errors:
            self.node_wanted.emit(self._faulty_node())
        elif self._session.problem() is not None:
            self._studio.training.pause()
        elif result is not None and result.profile.out_of_proportion is not None:
            self.table.select_node(result.profile.out_of_proportion.id)
