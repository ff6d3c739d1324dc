"""What the user reads can be translated: it stands as a literal in `tr` or `translate`, never bare."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import cnnstudio.gui

ROOM = Path(cnnstudio.gui.__file__).parent

SHOWN = {
    "QLabel", "QPushButton", "Answer", "Card", "ElidedLabel", "EmptyState", "Entry", "SearchEntry", "SearchField",
    "SectionLabel", "Switch", "QFileDialog", "addAction", "addItem", "addMenu", "button", "hint", "icon_button",
    "label", "notify", "setAccessibleDescription", "setAccessibleName", "setPlaceholderText", "setStatusTip",
    "setText", "setTitle", "setToolTip", "setWhatsThis", "setWindowTitle", "set_text", "set_title", "tell",
}  # fmt: skip
"""What shows the texts that it is given."""

NAMES = {"CNN Studio"}
"""Words that are the same in every language."""


def sources() -> list[Path]:
    return sorted(ROOM.rglob("*.py"))


def name_of(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")


def bare(value: ast.expr) -> Iterator[str]:
    """Sentences and words that would be shown as they stand; a lower-case word alone is an id or a look."""
    match value:
        case ast.Constant(value=str(text)):
            if any(map(str.isalpha, text)) and (" " in text or text[0].isupper()) and text not in NAMES:
                yield text
        case ast.JoinedStr(values=parts):
            for part in parts:
                text = str(part.value) if isinstance(part, ast.Constant) else ""
                if " " in text and any(map(str.isalpha, text)) and not any(name in text for name in NAMES):
                    yield text
        case ast.IfExp(body=one, orelse=other) | ast.BinOp(left=one, right=other):
            yield from bare(one)
            yield from bare(other)


def bare_texts(tree: ast.AST) -> Iterator[tuple[int, str]]:
    for call in ast.walk(tree):
        if isinstance(call, ast.Call) and name_of(call) in SHOWN:
            for value in (*call.args, *(keyword.value for keyword in call.keywords if keyword.arg != "keywords")):
                yield from ((value.lineno, text) for text in bare(value))


@pytest.mark.parametrize("source", sources(), ids=lambda path: path.relative_to(ROOM).as_posix())
def test_nothing_is_shown_that_cannot_be_translated(source: Path) -> None:
    assert list(bare_texts(ast.parse(source.read_text(encoding="utf-8")))) == []


@pytest.mark.parametrize("source", sources(), ids=lambda path: path.relative_to(ROOM).as_posix())
def test_what_is_translated_stands_there_in_full(source: Path) -> None:
    """`tr(f"...")` and `tr(variable)` find no translation; tables of texts are marked where they are written."""
    for call in ast.walk(ast.parse(source.read_text(encoding="utf-8"))):
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr == "tr":
            assert [type(each) for each in call.args] == [ast.Constant], f"line {call.lineno}: {ast.unparse(call)}"


def test_a_bare_text_is_found() -> None:
    code = 'label("Title"); label("", "muted"); box.setText(f"{n} images"); box.setToolTip(self.tr("Fine"))'
    assert list(bare_texts(ast.parse(code))) == [(1, "Title"), (1, " images")]
