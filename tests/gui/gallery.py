"""Draws every widget in both themes into PNGs, to be looked at: `python tests/gui/gallery.py [FOLDER]`.

Not a test: what it shows is judged by eye. It needs no display.
"""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import numpy as np
from PySide6.QtCore import QRectF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from cnnstudio.graph.params import ParamSpec, ParamType
from cnnstudio.gui.theme import Theme
from cnnstudio.gui.widgets import (
    Badge,
    BoolField,
    Card,
    EmptyState,
    FloatField,
    Form,
    IntField,
    MessageBar,
    MosaicPanel,
    PictureView,
    ProgressLine,
    Rail,
    ScoreBars,
    SearchField,
    SectionLabel,
    ThumbnailGrid,
    button,
    field_for,
    icon_button,
    label,
)


def digit(size: int, turn: float = 0.0) -> np.ndarray:
    """A ring with a tail, uint8 (1, size, size), black on white."""
    y, x = np.mgrid[0:size, 0:size] / (size - 1) - 0.5
    ring = np.abs(np.hypot(x + 0.05 * np.sin(turn), y + 0.12) - 0.2) < 0.06
    tail = (np.abs(x - 0.16 - 0.35 * (y - 0.1)) < 0.05) & (y > 0)
    return np.where(ring | tail, 20, 255).astype(np.uint8)[None]


def gabor(count: int, size: int) -> np.ndarray:
    y, x = np.mgrid[0:size, 0:size] / size - 0.5
    made = [
        np.cos(9 * (x * np.cos(a) + y * np.sin(a)) + a) * np.exp(-5 * (x * x + y * y)) for a in np.linspace(0, 6, count)
    ]
    return np.stack(made).astype(np.float32)


def responses(count: int, size: int) -> np.ndarray:
    ink = 1 - digit(size)[0] / 255.0
    maps = []
    for angle in np.linspace(0, 2 * np.pi, count):
        dy, dx = np.gradient(ink)
        maps.append(np.cos(angle) * dx + np.sin(angle) * dy + 0.3 * np.sin(3 * angle) * ink)
    return np.stack(maps).astype(np.float32)


def fields_card(theme: Theme) -> Card:
    card = Card("conv2")
    card.header.insertWidget(0, Badge(theme, "Conv2d", "convolution"))
    form = Form()
    specs = (
        (ParamSpec("out_channels", ParamType.INTEGER, "Output channels", ""), 50),
        (ParamSpec("kernel_size", ParamType.SIZE, "Kernel size", ""), 5),
        (ParamSpec("padding", ParamType.PADDING, "Padding", "", minimum=0), 2),
        (ParamSpec("stride", ParamType.SIZE, "Stride", "", optional=True), None),
        (ParamSpec("padding_mode", ParamType.CHOICE, "Padding mode", "", choices=("zeros", "reflect")), "zeros"),
        (ParamSpec("bias", ParamType.FLAG, "Bias", ""), True),
    )
    for spec, value in specs:
        field = field_for(theme, spec)
        field.set_value(value)
        form.add(spec.label, field)
    rate = FloatField(theme, 0, above=True, scale=True)
    rate.set_value(0.02)
    form.add("Learning rate", rate)
    off = BoolField(theme)
    form.add("Nesterov", off)
    wrong = IntField(theme, 1, 64)
    wrong.set_value(3)
    form.add("Groups", wrong)
    unable = IntField(theme)
    unable.set_value(8)
    unable.setEnabled(False)
    form.add("Not now", unable)
    card.body.addWidget(form)
    card.body.addStretch(1)
    inset = Card("", inset=True)
    inset.body.addWidget(SectionLabel("Why this number"))
    inset.body.addWidget(label("height ⌊(14 + 2·2 − 5) / 1⌋ + 1 = 14", "number"))
    inset.body.addWidget(label("params 50 × (20·5·5 + 1) = 25,050", "number"))
    card.body.addWidget(inset)
    wrong.edit.setText("99")
    wrong.commit()
    return card


def buttons_card(theme: Theme) -> Card:
    card = Card("Buttons")
    row = QHBoxLayout()
    for text, style in (("Pause", "primary"), ("Step", ""), ("Stop", ""), ("Insert Flatten", "link")):
        row.addWidget(button(text, style))
    disabled = button("Disabled")
    disabled.setEnabled(False)
    row.addWidget(disabled)
    row.addWidget(icon_button(theme, "undo", "Undo"))
    row.addStretch(1)
    card.body.addLayout(row)
    card.body.addWidget(label("Epoch 3 of 5 · iteration 331 of 705", "heading"))
    card.body.addWidget(label("3,870 images a second · 6 s left", "small"))
    line = ProgressLine(theme)
    line.set_progress(331, 705)
    card.body.addWidget(line)
    unknown = ProgressLine(theme)
    unknown.set_progress(0, 0)
    card.body.addWidget(unknown)
    card.body.addWidget(SearchField(theme, "Filter layers"))
    card.body.addStretch(1)
    return card


def side(theme: Theme) -> QWidget:
    panel = QWidget()
    panel.setProperty("look", "panel")
    panel.setFixedWidth(264)
    column = QVBoxLayout(panel)
    column.addWidget(SectionLabel("Picture"))
    view = PictureView(theme)
    view.set_picture(digit(28))
    view.set_overlay(QRectF(7, 3, 14, 14))
    view.setFixedSize(240, 240)
    column.addWidget(view)
    column.addWidget(SectionLabel("Scores"))
    bars = ScoreBars(theme)
    bars.set_scores([str(n) for n in range(10)], [0.001, 0, 0.002, 0.006, 0.061, 0, 0, 0.014, 0.004, 0.912])
    column.addWidget(bars)
    column.addWidget(SectionLabel("Data"))
    thumbs = ThumbnailGrid(theme, cell=36)
    thumbs.set_pictures(np.stack([digit(8, turn) for turn in range(12)]))
    thumbs.set_selected(2)
    column.addWidget(thumbs)
    column.addStretch(1)
    return panel


def gallery(theme: Theme) -> QWidget:
    page = QWidget()
    page.setProperty("look", "workspace")
    page.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
    row = QHBoxLayout(page)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(16)
    rail = Rail(theme)
    for place, text in (("build", "Build"), ("train", "Train"), ("inspect", "Inspect")):
        rail.add(place, place, text)
    rail.set_current("train")
    row.addWidget(rail)
    row.addWidget(side(theme))
    grid = QGridLayout()
    grid.setContentsMargins(0, 16, 16, 16)
    grid.setSpacing(16)
    row.addLayout(grid, 1)
    grid.addWidget(fields_card(theme), 0, 0, 2, 1)
    grid.addWidget(buttons_card(theme), 0, 1)
    empty = Card()
    empty.body.addWidget(
        EmptyState(
            theme,
            "inspect",
            "No picture yet",
            "Drop a picture on the window, or choose one of the samples.",
            "Choose a sample",
        )
    )
    grid.addWidget(empty, 1, 1)
    filters = Card("conv1")
    for maps, kind in ((gabor(20, 5), "diverging"), (np.sin(np.arange(120) / 7), "diverging")):
        panel = MosaicPanel(theme)
        panel.set_maps(maps, kind)
        filters.body.addWidget(panel)
    grid.addWidget(filters, 2, 0)
    maps = Card("relu1")
    for values, kind in ((responses(20, 28), "diverging"), (np.abs(responses(12, 14)), "magnitude")):
        panel = MosaicPanel(theme)
        panel.set_maps(values, kind)
        panel.view.set_selected(3)
        panel.view.set_probe(3, 6, 8)
        maps.body.addWidget(panel)
    maps.set_selected(True)
    grid.addWidget(maps, 2, 1)
    grid.setColumnStretch(1, 1)
    return page


def main() -> None:
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else tempfile.mkdtemp(prefix="gallery-"))
    folder.mkdir(parents=True, exist_ok=True)
    application = QApplication.instance() or QApplication([])
    for mode in ("light", "dark"):
        theme = Theme(mode)
        theme.apply(application)
        page = gallery(theme)
        page.resize(1280, 1100)
        page.show()
        note = MessageBar(theme, page)
        note.show_message("warning", "The validation split is empty: choose a larger share.", "Choose")
        QTest.qWait(100)  # mosaics find their height
        page.grab().save(str(folder / f"gallery-{mode}.png"))
        page.close()
        page.deleteLater()
    print(folder)


if __name__ == "__main__":
    main()
