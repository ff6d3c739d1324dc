"""Why a figure is what it is: the formula with the layer's own values in it, and the result.

Sizes come from the kind's `derivation`, parameters and multiply-adds from its weights, and the field of view from its
windows and from what the layers before it see. Each formula carries its own value (see `terms`), and one that would
not end in the figure of the report is not given: a wrong explanation is worse than none.

Example:
    why(graph, conv, "output_shape")  # "floor((32 + 2·2 - 5) / 1) + 1 = 32"
    why(graph, conv, "parameters")    # "10 × (3·5·5 + 1) = 760"
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import prod

from cnnstudio.graph.analysis import analyze
from cnnstudio.graph.document import Graph
from cnnstudio.graph.errors import GraphError
from cnnstudio.graph.geometry import IntervalMap, Window
from cnnstudio.graph.params import Params, quoted
from cnnstudio.graph.receptive import ReceptiveField
from cnnstudio.graph.report import Report, Row
from cnnstudio.graph.shapes import BYTES_PER_VALUE, Shape, size_text
from cnnstudio.graph.specs import LayerSpec
from cnnstudio.graph.terms import Term, largest, number, product

FIGURES = (
    "output_shape",
    "channels",
    "parameters",
    "buffers",
    "macs",
    "activation_bytes",
    "receptive_field",
    "stride",
    "padding",
)
"""What can be asked for: figures of a Row by name, the channels that leave, and stride and padding of its field."""


@dataclass(frozen=True, slots=True)
class Working:
    """How one figure of a row comes about, as "10 × (3·5·5 + 1) = 760".

    A figure with nothing to work out is said without "=", as "64 × 28 × 28, as it arrives". Remarks follow a comma.
    Two axes that differ are "height ..., width ...".
    """

    figure: str
    text: str


def workings(graph: Graph, node_id: str, report: Report | None = None) -> tuple[Working, ...]:
    """The workings of all figures of a layer that are known, in the order of FIGURES.

    `report` saves an analysis where the caller has one of this very drawing. Channels have a line of their own where
    the shape's does not speak of them. Raises UnknownNodeError.
    """
    graph.node(node_id)
    found = analyze(graph) if report is None else report
    row = found[node_id]
    if row.output_shape is None:
        return ()
    spec, params = graph.spec(node_id), graph.node(node_id).params
    sources = [found[each] for each in graph.inputs_of(node_id) if each is not None]
    lines = [*_shape(row, spec.derivation(params, _arrived(row)))]
    lines.append(Working("parameters", _said(_parameters(row), row.parameters, "nothing is learned")))
    lines.append(Working("buffers", _said(_buffers(row, spec, params), row.buffers, "no running statistics")))
    lines.append(Working("macs", _said(_macs(row), row.macs, "it multiplies by no learned weights")))
    size = product(row.output_shape).times(BYTES_PER_VALUE)
    lines.append(Working("activation_bytes", _said(size, row.activation_bytes, "") + " bytes"))
    if row.receptive_field is not None:
        lines.extend(_field(row, row.receptive_field, sources, spec, params))
    return tuple(each for each in lines if each.text)


def why(graph: Graph, node_id: str, figure: str, report: Report | None = None) -> str:
    """How one figure comes about; where it is not known, the sentence that says why.

    Raises:
        UnknownNodeError: no such layer.
        GraphError: `figure` is none of FIGURES.
    """
    name = "parameters" if figure == "trainable" else figure
    if name not in FIGURES:
        raise GraphError(f"There is no figure {quoted(figure)} to explain; there are: {', '.join(FIGURES)}.")
    found = analyze(graph) if report is None else report
    for each in workings(graph, node_id, found):
        if each.figure == name:
            return each.text
    row = found[node_id]
    if name == "channels" and row.output_shape is not None:
        return why(graph, node_id, "output_shape", found)
    if row.problems and row.output_shape is None:
        return row.problems[0].message
    if row.output_shape is None:
        return f"{row.name}: not known before the problem in front of it is mended."
    return row.field_note or f"{row.name}: what leaves is a vector of a network without a picture."


def _arrived(row: Row) -> tuple[Shape, ...]:
    return tuple(each for each in row.input_shapes if each is not None)


def _said(term: Term | None, figure: int | None, nothing: str) -> str:
    """`term = figure`; for a plain 0 the reason; empty where the two disagree."""
    if figure == 0 and (term is None or term.plain):
        return f"0, {nothing}"
    if term is None or term.value != figure:
        return ""
    return f"{term.value:,}" if term.plain else f"{term.text} = {term.value:,}"


# -- the shape


def _shape(row: Row, terms: tuple[Term, ...]) -> Iterator[Working]:
    shape = tuple(term.value for term in terms)
    if shape != row.output_shape:
        return
    result = size_text([f"{each:,}" for each in shape])
    if all(term.plain for term in terms):
        yield Working("output_shape", f"{result}, {'as it arrives' if row.input_shapes else 'as the picture is'}")
    elif len(terms) == 1 or all(term.plain for term in terms[1:]):
        worked = size_text([term.text if len(terms) == 1 else term.within(0) for term in terms])
        yield Working("output_shape", f"{worked} = {result}")
    else:
        channels, *sizes = terms
        yield Working("output_shape", _axes(sizes))
        kept = f"{channels.value:,}, one map out of each that arrives"
        yield Working("channels", kept if channels.plain else f"{channels.text} = {channels.value:,}")


def _axes(terms: Sequence[Term]) -> str:
    """One line for height and width where they are worked out alike, otherwise both."""
    texts = []
    for term in terms:
        worked = f"{term.value:,}" if term.plain else f"{term.text} = {term.value:,}"
        texts.append(f"{worked}, {term.remark}" if term.remark else worked)
    return texts[0] if texts[0] == texts[1] else f"height {texts[0]}, width {texts[1]}"


# -- what is learned and multiplied


def _factors(row: Row) -> tuple[Term, ...]:
    """The axes of the weight from the output's on: kernels × (channels · height · width).

    A transposed convolution keeps the input's first, as PyTorch does; groups show where they divide the channels.
    """
    weight, arrived = row.weights["weight"], _arrived(row)[0][0]
    out = (row.output_shape or weight)[0]
    first, second, *kernel = weight
    if first != out and second == out:
        first, second = second, first
    groups = arrived // second
    inner = number(arrived).over(groups) if groups > 1 and second * groups == arrived else number(second)
    return number(first), inner, *map(number, kernel)


def _parameters(row: Row) -> Term | None:
    shapes = list(row.weights.values())
    if not shapes:
        return None
    if len(shapes[0]) > 1 and len(shapes[-1]) == 1 and len(shapes) == 2:
        out, *inner = _factors(row)
        return out.times(product(inner) + 1)
    if len(shapes[0]) > 1 and len(shapes) == 1:
        out, *inner = _factors(row)
        return out.times(product(inner))
    if len(shapes) == 1:
        return number(prod(shapes[0]))
    if len(set(shapes)) == 1:
        return number(len(shapes)).times(product(shapes[0]))
    return sum((product(each) for each in shapes[1:]), start=product(shapes[0]))


def _buffers(row: Row, spec: LayerSpec, params: Params) -> Term | None:
    shapes = list(spec.buffers(params, _arrived(row)).values())
    return number(len(shapes)).times(product(shapes[0])) if shapes and len(set(shapes)) == 1 else None


def _macs(row: Row) -> Term | None:
    """The weights once for each place: of the output, or of the input where each value paints a kernel."""
    if not row.macs or "weight" not in row.weights or row.output_shape is None:
        return None
    for shape in (row.output_shape, _arrived(row)[0]):
        term = product((*shape[1:], *_factors(row)))
        if term.value == row.macs:
            return term
    return None


# -- the receptive field


def _field(
    row: Row, field: ReceptiveField, sources: Sequence[Row], spec: LayerSpec, params: Params
) -> Iterator[Working]:
    before = [each.receptive_field for each in sources]
    if field.whole_input:
        size = size_text(field.size)
        first = next((each.name for each in sources if each.receptive_field and each.receptive_field.whole_input), None)
        reason = f": {row.name} takes in all that arrives" if first is None else f", as {first} sees it already"
        yield Working("receptive_field", f"{size}, the whole picture{reason}")
        yield Working("stride", f"{size_text(field.stride)}, the whole picture")
        yield Working("padding", "0, the whole picture")
        return
    if not sources:
        yield Working("receptive_field", "1, each pixel sees itself")
        yield Working("stride", "1, pixel by pixel")
        yield Working("padding", "0, it begins with the picture")
        return
    seen = [each for each in before if each is not None]
    step = spec.step(params, _arrived(row)[0])
    if len(seen) < len(before) or not isinstance(step, tuple):
        return
    axes = [each.rows for each in seen], [each.columns for each in seen]
    if len(seen) > 1:
        lines = [_merged(axis) for axis in axes]
    else:
        lines = [_stepped(axis[0], window, sources[0].name) for axis, window in zip(axes, step, strict=True)]
    for figure in ("receptive_field", "stride", "padding"):
        yield Working(figure, _axes([line[figure] for line in lines]))


def _stepped(before: IntervalMap, window: Window, source: str) -> Mapping[str, Term]:
    """One axis after a window, from what the layer before sees along it."""
    size, stride, padding = number(before.size), number(before.scale), number(-before.low)
    kept = f"as at {source}"
    if window == Window():
        return {
            "receptive_field": size.noting(kept),
            "stride": stride.noting(kept),
            "padding": padding.noting(kept),
        }
    reach = (number(window.kernel) - 1) * before.scale
    if window.dilation > 1:
        reach = product((window.dilation, number(window.kernel) - 1, before.scale))
    return {
        "receptive_field": size + reach if window.kernel > 1 else size.noting(kept),
        "stride": stride.times(window.stride),
        "padding": padding + number(before.scale) * window.before if window.before else padding.noting(kept),
    }


def _merged(branches: Sequence[IntervalMap]) -> Mapping[str, Term]:
    """One axis where branches meet: from where the first begins to see to where the last ends."""
    low, high = min(each.low for each in branches), max(each.high for each in branches)
    size = number(high) - number(low) + 1
    alike = "as on every branch"
    same = len(set(branches)) == 1
    return {
        "receptive_field": number(size.value).noting(alike)
        if same
        else size.noting(f"from pixel {low} to pixel {high} over the branches"),
        "stride": number(branches[0].scale).noting(alike),
        "padding": largest(-each.low for each in branches).noting(
            alike if len({each.low for each in branches}) == 1 else "the largest of the branches"
        ),
    }
