"""Arithmetic that can say how it was done: text and value of a term agree, brackets included."""

from __future__ import annotations

import pytest

from cnnstudio.graph.terms import Term, largest, named, number, product


@pytest.mark.parametrize(
    ("term", "text", "value"),
    [
        ((number(32) + number(2) * 2 - 5).floor(1) + 1, "floor((32 + 2·2 - 5) / 1) + 1", 32),
        ((number(7) - 2).ceil(2) + 1, "ceil((7 - 2) / 2) + 1", 4),
        (number(10).times(product((3, 5, 5)) + 1), "10 × (3·5·5 + 1)", 760),
        (number(9) - (number(2) * (number(3) - 1) + 1), "9 - (2·(3 - 1) + 1)", 4),
        (number(7) - (-6) + 1, "7 - (-6) + 1", 14),
        (number(96).over(2) * 5, "(96 / 2)·5", 240),
        (largest([3, 1, 3]), "max(3, 1)", 3),
        (largest([2, 2]), "2", 2),
        (product(()), "1", 1),
    ],
)
def test_a_term_reads_as_it_was_worked_out(term: Term, text: str, value: int) -> None:
    assert (term.text, term.value) == (text, value)


def test_only_a_mere_number_is_plain() -> None:
    assert number(-3).plain
    assert not (number(2) + 1).plain
    assert not named("out_channels", 10).plain


def test_a_division_with_a_rest_is_no_whole_number() -> None:
    with pytest.raises(ValueError, match="7 / 2 is not whole"):
        number(7).over(2)
