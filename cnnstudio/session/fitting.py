"""Whether a drawing and a data set belong together, said in one sentence, and what would mend it."""

from __future__ import annotations

from dataclasses import replace
from typing import Protocol

from cnnstudio.data import DATASETS, DatasetInfo
from cnnstudio.data.catalogue import find_name
from cnnstudio.graph import Graph, Report, Row
from cnnstudio.graph.commands import Command, SetParams
from cnnstudio.graph.shapes import Shape, size_text
from cnnstudio.graph.specs import Family
from cnnstudio.project import DataChoice


class Pictures(Protocol):
    """What a data set and the entry of one that is yet to be downloaded have in common."""

    @property
    def title(self) -> str: ...
    @property
    def shape(self) -> tuple[int, int, int]: ...
    @property
    def classes(self) -> tuple[str, ...]: ...


_SIZED_BY = {"Linear": "out_features", "Conv2d": "out_channels", "ConvTranspose2d": "out_channels"}


def faults(report: Report) -> str | None:
    """What keeps the drawing from being computed: the first problem, and how many more there are."""
    errors = report.errors
    if not errors:
        return None
    more = len(errors) - 1
    return errors[0].message + (f" ({more} more problem{'s' if more > 1 else ''})" if more else "")


def mismatch(graph: Graph, report: Report, data: Pictures) -> str | None:
    """Why the network cannot learn from these pictures, and what to do; None when it can, and for a faulty drawing."""
    ends = _ends(report)
    if ends is None:
        return None
    source, taken, output, given = ends
    if taken != data.shape:
        remedy = f"set the shape of {source.name} to {size_text(data.shape)}"
        if resized_choice(report, DataChoice()) is not None:
            remedy += f", or have the pictures brought to {size_text(taken[1:])}"
        sizes = f"{source.name} takes {size_text(taken)}, but the pictures of {data.title} are {size_text(data.shape)}"
        return f"{sizes}: {remedy}."
    classes, scores = len(data.classes), _scores(given)
    if scores is None:
        return (
            f"{output.name} gives maps of {size_text(given)}, not one score for each class: end the network with "
            f"Flatten and a Linear layer of {classes} features."
        )
    if scores != classes:
        last = _sizing_row(graph, report, output)
        remedy = f"set {_SIZED_BY[last.kind]} of {last.name} to {classes}" if last else f"make it give {classes}"
        return f"The network gives {scores} scores, but {data.title} has {classes} classes: {remedy}."
    return None


def mending(graph: Graph, report: Report, data: Pictures) -> Command | None:
    """The edit that makes the drawing fit the data; None where it fits, and where no single edit does it."""
    ends = _ends(report)
    if ends is None:
        return None
    source, taken, output, given = ends
    if taken != data.shape:
        return SetParams(source.id, shape=data.shape)
    last = _sizing_row(graph, report, output)
    if last is None or _scores(given) in (None, len(data.classes)):
        return None
    return SetParams(last.id, **{_SIZED_BY[last.kind]: len(data.classes)})


def resized_choice(report: Report, choice: DataChoice) -> DataChoice | None:
    """The same data with its pictures brought to the shape that the network takes; None where no picture has it."""
    ends = _ends(report)
    taken = ends[1] if ends else ()
    if len(taken) != 3 or taken[0] not in (1, 3):
        return None
    return replace(choice, size=(taken[1], taken[2]), mode="grey" if taken[0] == 1 else "rgb")


def known_choice(report: Report) -> DataChoice | None:
    """The data set known by name that a drawing is made for: by the shape of its pictures, the first of several."""
    ends = _ends(report)
    found = next((info.name for info in DATASETS.values() if ends and info.shape == ends[1]), None)
    return DataChoice(found) if found else None


def known_set(choice: DataChoice) -> DatasetInfo | None:
    """The data set known by name that a choice means; None for one from disk."""
    name = find_name(choice.source, DATASETS)
    return None if name is None else DATASETS[name]


def input_shape(report: Report) -> Shape | None:
    """What the network takes: (channels, height, width) or (features,); None where there is no Input."""
    return next((row.output_shape for row in report if row.family is Family.SOURCE), None)


def _ends(report: Report) -> tuple[Row, Shape, Row, Shape] | None:
    """The Input and the output with their shapes; None where the drawing is faulty."""
    source = next((row for row in report if row.family is Family.SOURCE), None)
    output = report[report.output] if report.output else None
    if source is None or source.output_shape is None or output is None or output.output_shape is None:
        return None
    return source, source.output_shape, output, output.output_shape


def _scores(shape: Shape) -> int | None:
    return shape[0] if len(shape) == 1 or shape[1:] == (1, 1) else None


def _sizing_row(graph: Graph, report: Report, output: Row) -> Row | None:
    """The layer that decides how many scores there are: the last one with a number of outputs of its own.

    Layers behind it, such as Softmax, pass that number on; one that does not (Flatten of maps) ends the search.
    """
    row = output
    while row.kind not in _SIZED_BY:
        sources = graph.inputs_of(row.id)
        arrived, left = row.input_shapes[:1], row.output_shape
        if len(sources) != 1 or sources[0] is None or left is None or not arrived[0] or arrived[0][0] != left[0]:
            return None
        row = report[sources[0]]
    return row
