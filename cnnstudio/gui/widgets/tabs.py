"""The way of the Tab key through what is made while the window stands."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget


def tab_through(home: QWidget, widgets: Sequence[QWidget]) -> None:
    """Let Tab reach `widgets`, in this order, where `home` stands; Qt would put them behind all of the window.

    `home` holds them and takes no focus itself.
    """
    before = home.previousInFocusChain()
    while before not in (None, home) and (before.focusPolicy() == Qt.FocusPolicy.NoFocus or before in widgets):
        before = before.previousInFocusChain()
    if before is None:
        return
    for one, other in pairwise([before, *widgets]):
        QWidget.setTabOrder(one, other)
