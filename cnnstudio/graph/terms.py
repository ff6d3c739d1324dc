"""Arithmetic that can say how it was done: a term is a text and its value, and both grow together.

Example:
    (number(6) + (number(5) - 1) * 2).text  # "6 + (5 - 1)·2", of value 14
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import reduce
from operator import mul

ATOM, PRODUCT, SUM = 0, 1, 2
"""How loosely a text holds together, and so where it needs brackets."""


@dataclass(frozen=True, slots=True)
class Term:
    """A whole number and how it comes about. `remark` is what else there is to say about it, in words.

    The texts read `+`, `-`, `·`, `×`, `/`, `floor(...)`, `ceil(...)` and `max(...)`; `·` and `×` are both "times".
    """

    text: str
    value: int
    level: int = ATOM
    remark: str = ""

    @property
    def plain(self) -> bool:
        """Whether it is just a number, with nothing to work out."""
        return self.text == number(self.value).text

    def within(self, level: int) -> str:
        """The text as a part of something that holds together as `level` says."""
        return f"({self.text})" if self.level > level else self.text

    def __add__(self, other: Term | int) -> Term:
        right = as_term(other)
        return Term(f"{self.text} + {right.text}", self.value + right.value, SUM)

    def __sub__(self, other: Term | int) -> Term:
        right = as_term(other)
        return Term(f"{self.text} - {right.within(PRODUCT)}", self.value - right.value, SUM)

    def __mul__(self, other: Term | int) -> Term:
        right = as_term(other)
        return Term(f"{self.within(PRODUCT)}·{right.within(PRODUCT)}", self.value * right.value, PRODUCT)

    def times(self, other: Term | int) -> Term:
        """A product that stands out from the ones inside: `10 × (3·5·5 + 1)`."""
        right = as_term(other)
        return Term(f"{self.within(PRODUCT)} × {right.within(PRODUCT)}", self.value * right.value, PRODUCT)

    def over(self, other: Term | int) -> Term:
        """A division without rest, in brackets. Raises ValueError when there is one."""
        right = as_term(other)
        if self.value % right.value:
            raise ValueError(f"{self.value} / {right.value} is not whole.")
        return Term(f"({self.within(PRODUCT)} / {right.within(ATOM)})", self.value // right.value)

    def floor(self, other: Term | int) -> Term:
        """The division, rounded down."""
        right = as_term(other)
        return Term(f"floor({self.within(PRODUCT)} / {right.within(ATOM)})", self.value // right.value)

    def ceil(self, other: Term | int) -> Term:
        """The division, rounded up."""
        right = as_term(other)
        return Term(f"ceil({self.within(PRODUCT)} / {right.within(ATOM)})", -(-self.value // right.value))

    def noting(self, remark: str) -> Term:
        """The same with something to say about it."""
        return replace(self, remark=remark)


def number(value: int) -> Term:
    return Term(f"({value})" if value < 0 else str(value), value)


def named(name: str, value: int) -> Term:
    """A number that stands in a parameter."""
    return Term(name, value)


def as_term(value: Term | int) -> Term:
    return value if isinstance(value, Term) else number(value)


def product(factors: Iterable[Term | int]) -> Term:
    """All of them multiplied, with `·`; 1 for none."""
    terms = [as_term(each) for each in factors]
    return reduce(mul, terms) if terms else number(1)


def largest(values: Iterable[int]) -> Term:
    terms = [number(each) for each in dict.fromkeys(values)]
    return (
        terms[0]
        if len(terms) == 1
        else Term(f"max({', '.join(each.text for each in terms)})", max(t.value for t in terms))
    )
