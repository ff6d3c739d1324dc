"""Two networks side by side: which layer of the one is which of the other, and what differs between them.

`alignment` finds the pairs; here they are compared, figure by figure and in total.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal, TypeVar

from cnnstudio.graph.alignment import align
from cnnstudio.graph.analysis import analyze
from cnnstudio.graph.document import Graph
from cnnstudio.graph.params import value_text
from cnnstudio.graph.report import Report, Row
from cnnstudio.graph.shapes import Shape, size_text
from cnnstudio.graph.specs import Family

Change = Literal["same", "changed", "added", "removed"]
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Difference:
    """One figure of a layer that is not as before.

    Attributes:
        figure: a parameter's name; or "kind", "name", "inputs" (the names of the layers that feed it); or that of the
            Row's attribute: "output_shape", "parameters", "buffers", "macs", "activation_bytes", "receptive_field".
        before, after: its values; None where it cannot be known.
        text: both, as a screen shows them: "Output channels 20 → 50".
        own: the layer itself differs; otherwise what arrives at it does.
    """

    figure: str
    before: object
    after: object
    text: str
    own: bool


@dataclass(frozen=True, slots=True)
class Pair:
    """A layer of the first network and its counterpart in the second; None where there is none.

    Attributes:
        change: "added" has no left, "removed" no right; "same" has no differences.
    """

    left: Row | None
    right: Row | None
    change: Change
    differences: tuple[Difference, ...] = ()

    @property
    def edited(self) -> bool:
        """Whether the layer itself differs, and not only what follows from layers before it."""
        return self.change in ("added", "removed") or any(each.own for each in self.differences)


@dataclass(frozen=True, slots=True)
class Total:
    """One figure of both networks; sums of what is known where a drawing is incomplete."""

    figure: str
    label: str
    before: int
    after: int

    @property
    def difference(self) -> int:
        return self.after - self.before

    @property
    def ratio(self) -> float | None:
        """after / before; None where there is nothing to divide by."""
        return self.after / self.before if self.before else None

    @property
    def text(self) -> str:
        """Both, with their ratio: "Parameters 431,080 → 1,256,080 (2.91 ×)"."""
        return f"{self.label} {_change_text(self.before, self.after)}"


@dataclass(frozen=True, slots=True)
class Comparison:
    """All layers of both networks, in an order that is topological for each, and their totals.

    Attributes:
        complete: whether all figures of both are known.
        summary: the main differences in a sentence.
    """

    rows: tuple[Pair, ...]
    totals: tuple[Total, ...]
    complete: bool
    summary: str

    def __iter__(self) -> Iterator[Pair]:
        return iter(self.rows)

    def total(self, figure: str) -> Total:
        """That of "layers", "weight_layers", "parameters", "buffers", "macs" or "activation_bytes".

        Raises KeyError for another figure.
        """
        for each in self.totals:
            if each.figure == figure:
                return each
        raise KeyError(figure)

    @property
    def same(self) -> bool:
        """Whether no layer differs in anything."""
        return all(each.change == "same" for each in self.rows)


def compare(
    graph_a: Graph, graph_b: Graph, names: tuple[str, str] = ("the first network", "the second network")
) -> Comparison:
    """What is different in `graph_b`. Never raises on a faulty drawing: what is unknown is None on that side.

    names: what the summary calls them. Ids count little, names of layers hardly more: presets number theirs alike.
    A name that differs is a difference only where the id is the same, in two versions of one drawing.
    """
    before, after = analyze(graph_a), analyze(graph_b)
    pairs = align(graph_a, tuple(before), graph_b, tuple(after))
    counterpart = {left.id: right.id for left, right in pairs if left is not None and right is not None}
    rows = tuple(_pair(graph_a, left, graph_b, right, counterpart) for left, right in pairs)
    totals = tuple(Total(figure, label, of(before), of(after)) for figure, label, of in TOTALS)
    complete = before.complete and after.complete
    return Comparison(rows, totals, complete, _summary(rows, totals, names, complete=complete))


def _weight_layers(report: Report) -> int:
    return sum(1 for row in report if row.family is Family.CONVOLUTION)


TOTALS: tuple[tuple[str, str, Callable[[Report], int]], ...] = (
    ("layers", "Layers", len),
    ("weight_layers", "Weight layers", _weight_layers),
    ("parameters", "Parameters", lambda report: report.parameters),
    ("buffers", "Running statistics", lambda report: report.buffers),
    ("macs", "Multiply-adds", lambda report: report.macs),
    ("activation_bytes", "Activation bytes", lambda report: report.activation_bytes),
)
"""Weight layers are convolutions and full connections, as the "16" of VGG-16 counts them, shortcuts included."""


def _pair(graph_a: Graph, left: Row | None, graph_b: Graph, right: Row | None, counterpart: Mapping[str, str]) -> Pair:
    if left is None or right is None:
        return Pair(left, right, "added" if left is None else "removed")
    found = (
        *_of_spelling(left, right),
        *_of_params(graph_a, left, graph_b, right),
        *_of_wiring(graph_a, left, graph_b, right, counterpart),
        *_of_figures(left, right),
    )
    return Pair(left, right, "changed" if found else "same", found)


def _of_spelling(left: Row, right: Row) -> Iterator[Difference]:
    if left.kind != right.kind:
        yield _difference("kind", "Kind", left.kind, right.kind, str, own=True)
    if left.id == right.id and left.name != right.name:
        yield _difference("name", "Name", left.name, right.name, str, own=True)


def _of_params(graph_a: Graph, left: Row, graph_b: Graph, right: Row) -> Iterator[Difference]:
    """Of two kinds, the parameters that both have."""
    before, after = graph_a.node(left.id).params, graph_b.node(right.id).params
    labels = {each.name: each.label for each in graph_b.spec(right.id).params}
    shared = [name for name in before if name in after]
    if left.kind == right.kind:  # an unknown kind's may be any
        shared = list(dict.fromkeys((*before, *after)))
    for name in shared:
        if before.get(name) != after.get(name):
            label = labels.get(name, name)
            yield _difference(name, label, before.get(name), after.get(name), value_text, own=True)


def _of_wiring(
    graph_a: Graph, left: Row, graph_b: Graph, right: Row, counterpart: Mapping[str, str]
) -> Iterator[Difference]:
    before, after = graph_a.inputs_of(left.id), graph_b.inputs_of(right.id)
    if tuple(None if each is None else counterpart.get(each, "") for each in before) == after:
        return

    def names(graph: Graph, sources: tuple[str | None, ...]) -> tuple[str | None, ...]:
        return tuple(None if each is None else graph.node(each).name for each in sources)

    yield _difference("inputs", "Inputs", names(graph_a, before), names(graph_b, after), _names_text, own=True)


def _of_figures(left: Row, right: Row) -> Iterator[Difference]:
    if left.output_shape != right.output_shape:
        yield _difference("output_shape", "Output", left.output_shape, right.output_shape, _shape_text)
    for figure, label in (
        ("parameters", "Parameters"),
        ("buffers", "Running statistics"),
        ("macs", "Multiply-adds"),
        ("activation_bytes", "Activation bytes"),
    ):
        before, after = getattr(left, figure), getattr(right, figure)
        if before != after:
            text = f"{label} {_change_text(before, after)}"
            yield Difference(figure, before, after, text, own=False)
    if left.receptive_field != right.receptive_field:
        yield Difference(
            "receptive_field",
            left.receptive_field,
            right.receptive_field,
            f"Receptive field {_field_text(left)} → {_field_text(right)}",
            own=False,
        )


def _difference(
    figure: str, label: str, before: T, after: T, text: Callable[[T], str], *, own: bool = False
) -> Difference:
    return Difference(figure, before, after, f"{label} {text(before)} → {text(after)}", own)


def _shape_text(shape: Shape | None) -> str:
    return "unknown" if shape is None else size_text(shape)


def _names_text(names: tuple[str | None, ...]) -> str:
    return " and ".join("nothing" if name is None else name for name in names) or "nothing"


def _field_text(row: Row) -> str:
    field = row.receptive_field
    if field is None:
        return "unknown" if row.output_shape is None else "no single one"
    if field.whole_input:
        return "the whole picture"
    size, stride, padding = (_square(each) for each in (field.size, field.stride, field.padding))
    return f"{size}, stride {stride}, padding {padding}" + ("" if field.aligned else ", not aligned")


def _square(values: tuple[int, int]) -> str:
    return str(values[0]) if values[0] == values[1] else size_text(values)


def _change_text(before: int | None, after: int | None) -> str:
    texts = ["unknown" if each is None else f"{each:,}" for each in (before, after)]
    ratio = f" ({_ratio_text(before, after)})" if before and after and before != after else ""
    return " → ".join(texts) + ratio if before != after else texts[0]


def _ratio_text(before: int, after: int) -> str:
    """Three digits: 1.87 ×, 0.0123 ×, 123 ×; where that would be 1 ×, the difference: +4,097."""
    ratio = after / before
    if f"{ratio:.3g}" == "1":
        return f"{after - before:+,}"
    return f"{ratio:,.0f} ×" if ratio >= 100 else f"{ratio:.3g} ×"


def _summary(rows: tuple[Pair, ...], totals: tuple[Total, ...], names: tuple[str, str], *, complete: bool) -> str:
    first, second = names
    caution = "" if complete else " Where a drawing is incomplete, what is known is counted."
    if all(each.change == "same" for each in rows):
        return _capital(f"{first} and {second} do not differ.") + caution
    by_figure = {each.figure: each for each in totals}
    parts = [
        _more(by_figure["layers"], by_figure["weight_layers"]),
        _times(by_figure["parameters"], "parameters"),
        _times(by_figure["macs"], "multiply-adds"),
    ]
    if all(each.difference == 0 for each in totals):
        edited = sum(1 for each in rows if each.edited)
        layers = f"{edited} layer{' differs' if edited == 1 else 's differ'}"
        return _capital(f"{second} is as large as {first}; {layers}.") + caution
    layers, parameters, products = parts
    return _capital(f"{second} has {layers} {first}, {parameters} and {products}.") + caution


def _capital(sentence: str) -> str:
    """A sentence's first letter, but a network's own name stays as it is."""
    return "T" + sentence[1:] if sentence.startswith("the ") else sentence


def _more(layers: Total, weight_layers: Total) -> str:
    """The difference in weight layers, which networks are named by; without one, in all layers."""
    total, noun = (weight_layers, "weight layer") if weight_layers.difference else (layers, "layer")
    if not total.difference:
        return "as many layers as"
    count = abs(total.difference)
    return f"{count:,} {noun}{'s' if count > 1 else ''} {'more' if total.difference > 0 else 'fewer'} than"


def _times(total: Total, noun: str) -> str:
    if not total.difference:
        return f"as many {noun}"
    if not total.before or not total.after:
        return f"{total.after:,} {noun} instead of {total.before:,}"
    ratio = _ratio_text(total.before, total.after)
    if ratio.endswith("×"):
        return f"{ratio} its {noun}"
    return f"{abs(total.difference):,} {noun} {'more' if total.difference > 0 else 'fewer'}"
