"""Numbers, as they are written everywhere."""

from __future__ import annotations

import math

import pytest

from cnnstudio.explain import text


@pytest.mark.parametrize(
    ("count", "written"),
    [
        (None, "?"),
        (0, "0 B"),
        (40, "40 B"),
        (3136, "3.1 KB"),
        (62720, "61 KB"),
        (5_000_000, "4.8 MB"),
        (3 * 2**40, "3.0 TB"),
    ],
)
def test_bytes_have_three_figures_at_most(count: int | None, written: str) -> None:
    assert text.bytes_text(count) == written


@pytest.mark.parametrize(
    ("value", "written"),
    [(0, "0.0000"), (0.81344, "0.8134"), (-2.5, "−2.500"), (1234.5, "1234"), (2e-5, "2.00e−05"), (-3.2e7, "−3.20e+07"),
     (math.nan, "NaN"), (math.inf, "∞"), (-math.inf, "−∞")],
)  # fmt: skip
def test_values_have_four_figures_and_a_real_minus(value: float, written: str) -> None:
    assert text.value_text(value) == written


def test_shapes_counts_shares_and_times() -> None:
    assert text.shape_text((20, 28, 28)) == "20 × 28 × 28"
    assert text.shape_text(None) == text.count_text(None) == "?"
    assert text.count_text(1256080) == "1,256,080"
    assert text.percent_text(0.912) == "91.2 %"
    assert text.percent_text(None) == text.percent_text(math.nan) == "–"
    assert [text.duration_text(seconds) for seconds in (0.4, 59.7, 75.3, 7300)] == [
        "0 s",
        "1 min 0 s",
        "1 min 15 s",
        "2 h 1 min",
    ]


def test_sizes_are_pairs() -> None:
    assert [text.size_text(size) for size in (5, (3, 5), None)] == ["5 × 5", "3 × 5", ""]


def test_numbers_are_written_as_one_would_type_them() -> None:
    assert [text.number_text(value) for value in (64.0, 0.001, 1e-5, 0.0005)] == ["64", "0.001", "1e-05", "0.0005"]


def test_an_unknown_time_is_not_written() -> None:
    assert text.duration_text(None) == text.duration_text(math.inf) == ""
