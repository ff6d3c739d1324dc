"""A sound PySide6 build leaves None's reference count alone (6.12.0 on CPython 3.11 does not)."""

from __future__ import annotations

import sys
from collections.abc import Callable

import pytest
from PySide6.QtCore import Property, QObject, Signal
from PySide6.QtWidgets import QWidget

CALLS = 1_000
NOISE = 50  # the interpreter's own coming and going; a leaking build drifts by CALLS


class Source(QObject):
    fired = Signal()
    told = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self._level = 0

    def level(self) -> int:
        return self._level

    def set_level(self, level: int) -> None:
        self._level = level

    value = Property(int, level, set_level)


def drift(call: Callable[[], object]) -> int:
    """Change of None's reference count over 1,000 calls, after one to fill the caches."""
    call()
    before = sys.getrefcount(None)
    for _ in range(CALLS):
        call()
    return sys.getrefcount(None) - before


def test_signal_emissions_do_not_drift(qapp: object) -> None:
    source, heard = Source(), []
    source.fired.connect(lambda: heard.append(1))
    assert abs(drift(source.fired.emit)) < NOISE
    assert len(heard) == CALLS + 1


def test_signals_that_carry_none_do_not_drift(qapp: object) -> None:
    source = Source()
    source.told.connect(lambda _: None)
    assert abs(drift(lambda: source.told.emit(None))) < NOISE


@pytest.mark.parametrize(
    "call",
    [
        lambda source, widget: source.setProperty("value", 3),
        lambda source, widget: source.property("value"),
        lambda source, widget: setattr(source, "value", 4),
        lambda source, widget: source.setObjectName("name"),
        lambda source, widget: widget.setToolTip("tip"),
        lambda source, widget: widget.update(),
    ],
    ids=["setProperty", "property", "declared property", "setObjectName", "setToolTip", "update"],
)
def test_property_calls_do_not_drift(qtbot, call: Callable[[QObject, QWidget], object]) -> None:
    source, widget = Source(), QWidget()
    qtbot.addWidget(widget)
    assert abs(drift(lambda: call(source, widget))) < NOISE
