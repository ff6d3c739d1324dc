"""Free-form values as files hold them: what JSON can say, and no deeper than anyone needs."""

from __future__ import annotations

import math

Json = None | bool | int | float | str | list["Json"] | dict[str, "Json"]

MAX_DEPTH = 32


def too_deep(value: object) -> bool:
    """Whether `value` nests lists and mappings deeper than MAX_DEPTH. Walks level by level, never recursively."""
    level = [value]
    for _ in range(MAX_DEPTH + 1):
        level = [
            inner
            for each in level
            if isinstance(each, (list, tuple, dict))
            for inner in (each.values() if isinstance(each, dict) else each)
        ]
        if not level:
            return False
    return True


def number_to_json(value: float) -> float | str:
    """JSON has no word for what is not finite, and a diverged run must not be lost over that."""
    return value if math.isfinite(value) else str(value)


def number_from_json(value: float | str) -> float:
    return float(value)
