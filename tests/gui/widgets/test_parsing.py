"""What may be typed into a field, and how values are written."""

from __future__ import annotations

import pytest

from cnnstudio.gui.widgets import parsing


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("5", 5),
        ("5 × 3", (5, 3)),
        ("5x3", (5, 3)),
        ("5, 3", (5, 3)),
        ("(5, 3)", (5, 3)),
        ("1 · 2 · 3 · 4", (1, 2, 3, 4)),
        ("−2", -2),
        ("five", "five"),
        ("", ""),
    ],
)
def test_sizes(text: str, value: object) -> None:
    assert parsing.read_sizes(text) == value


@pytest.mark.parametrize(
    ("text", "value"),
    [("0.02", 0.02), ("2e-2", 0.02), ("0,02", 0.02), ("1·10^-3", 1e-3), ("−1", -1.0), (" 5 ", 5.0), ("x", "x")],
)
def test_numbers(text: str, value: object) -> None:
    assert parsing.read_float(text) == value


@pytest.mark.parametrize(("text", "value"), [("64", 64), ("1,000", 1000), ("6.5", "6.5"), ("-3", -3)])
def test_whole_numbers(text: str, value: object) -> None:
    assert parsing.read_int(text) == value


def test_padding_may_be_a_word() -> None:
    assert parsing.read_padding(" Same ") == "same"
    assert parsing.read_padding("2 · 2") == (2, 2)
    assert parsing.show_padding("valid") == "valid"
    assert parsing.show_padding(2) == "2 · 2"
    assert parsing.show_padding((1, 2, 3, 4)) == "1 · 2 · 3 · 4"


def test_shapes_are_always_tuples() -> None:
    assert parsing.read_shape("500") == (500,)
    assert parsing.read_shape("1 × 28 × 28") == (1, 28, 28)
    assert parsing.show_shape((1, 28, 28)) == "1 × 28 × 28"


@pytest.mark.parametrize("value", [1, 2.5, 1e-3, 1e-5, 0.0005, 123456.0])
def test_a_number_that_is_written_is_read_back(value: float) -> None:
    assert parsing.read_float(parsing.show_float(value)) == value


def test_ranges_are_explained() -> None:
    assert parsing.whole(1, 64)(64) == 64
    with pytest.raises(ValueError, match=r"^Enter a whole number from 1 to 64\.$"):
        parsing.whole(1, 64)(65)
    with pytest.raises(ValueError, match="whole number"):
        parsing.whole(0, 1)(True)
    with pytest.raises(ValueError, match=r"^Enter a number above 0 to below 1\.$"):
        parsing.real(0, 1, above=True, below=True)(1.0)
    with pytest.raises(ValueError, match=r"^Enter a number from 0\.$"):
        parsing.real(0, float("inf"))(float("nan"))


def test_learning_rates_step_along_1_2_5() -> None:
    rates = [0.001]
    for _ in range(4):
        rates.append(parsing.step_scale(rates[-1], 1))
    assert rates == pytest.approx([0.001, 0.002, 0.005, 0.01, 0.02])
    assert parsing.step_scale(0.001, -1) == pytest.approx(0.0005)
    assert parsing.step_scale(0.003, 1) == pytest.approx(0.005)
    assert parsing.step_scale(0.0, 1) == 0.0


def test_steps_leave_no_rounding_dust() -> None:
    value: object = 0.0
    for _ in range(3):
        value = parsing.step_plain(value, 1)
    assert value == 0.3
    assert parsing.step_sizes((3, 5), 1) == (4, 6)
