"""Which lines of the command palette answer what was typed, the best first."""

from __future__ import annotations

from collections.abc import Sequence

from cnnstudio.gui.actions import SearchEntry


def rank(entries: Sequence[SearchEntry], query: str) -> list[SearchEntry]:
    """Entries in which every word of the query is found; what can be done now comes before what cannot.

    A word at the start of the name is worth most, then at the start of the kind of a layer that is there, at the
    start of a word, inside one, and in the help text.
    """
    words = query.casefold().split()
    scored = [
        (not entry.enabled, -score, place, entry)
        for place, entry in enumerate(entries)
        if (score := _score(entry, words)) is not None
    ]
    return [entry for *_key, entry in sorted(scored, key=lambda each: each[:3])]


def _score(entry: SearchEntry, words: Sequence[str]) -> int | None:
    total = 0
    for word in words:
        found = _word_score(entry, word)
        if found is None:
            return None
        total += found
    return total


def _word_score(entry: SearchEntry, word: str) -> int | None:
    name = entry.text.casefold()
    if name.startswith(word):
        return 100 - min(len(name), 50)
    if entry.kind and entry.kind.casefold().startswith(word):
        return 45
    if f" {word}" in name:
        return 40
    if word in name:
        return 30
    if f" {word}" in f" {entry.keywords.casefold()}":
        return 20
    if word in f"{entry.detail} {entry.keywords}".casefold():
        return 10
    return 5 if len(word) > 2 and _scattered(word, name) else None


def _scattered(word: str, name: str) -> bool:
    """Whether the letters come in this order, as `bn` in BatchNorm."""
    letters = iter(name)
    return all(letter in letters for letter in word)
