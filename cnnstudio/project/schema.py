"""project.json: its form in this version, and the way there and back. Nothing is coerced: a wrong type is an error."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from types import MappingProxyType
from typing import Annotated, Any, Literal, TypeAlias

import msgspec

from cnnstudio.engine.config import TrainingConfig
from cnnstudio.engine.events import EpochDone, RunDone
from cnnstudio.graph import Graph, GraphState, Node
from cnnstudio.project.model import DataChoice, Extras, Project, TrainingHistory
from cnnstudio.project.plain import Json, number_from_json, number_to_json

FORMAT = "cnnstudio"

_Count = Annotated[int, msgspec.Meta(ge=0)]
_Number: TypeAlias = float | Literal["nan", "inf", "-inf"]


class _Node(msgspec.Struct):
    id: str
    kind: str
    name: str
    params: dict[str, Any]
    inputs: list[str | None]
    position: tuple[float, float] | None = None


class _Graph(msgspec.Struct):
    nodes: list[_Node]


class _Epoch(msgspec.Struct):
    epoch: _Count
    iteration: _Count
    training_loss: _Number
    training_accuracy: _Number
    validation_loss: _Number | None
    validation_accuracy: _Number | None


class _Test(msgspec.Struct):
    epochs: _Count
    iterations: _Count
    test_loss: _Number | None
    test_accuracy: _Number | None


class _History(msgspec.Struct):
    epochs: list[_Epoch] = []
    test: _Test | None = None


class _Document(msgspec.Struct):
    format: Literal["cnnstudio"]
    version: Annotated[int, msgspec.Meta(ge=1)]
    title: str
    graph: _Graph
    training: TrainingConfig
    data: DataChoice
    history: _History = msgspec.field(default_factory=_History)
    view: dict[str, Any] = {}


class Header(msgspec.Struct):
    """What every version of the document begins with."""

    format: Literal["cnnstudio"]
    version: Annotated[int, msgspec.Meta(ge=1)]


def to_document(project: Project, version: int) -> dict[str, Json]:
    """A project without its arrays, as JSON values."""
    state = project.graph.state
    nodes = [
        _Node(node.id, node.kind, node.name, dict(node.params), list(sources), node.position)
        for node, sources in zip(state.nodes, state.inputs, strict=True)
    ]
    history = {
        "epochs": [_numbers_to_json(each) for each in project.history.epochs],
        "test": None if project.history.test is None else _numbers_to_json(project.history.test),
    }
    document: dict[str, Json] = {
        "format": FORMAT,
        "version": version,
        "title": project.title,
        "graph": {"nodes": msgspec.to_builtins(nodes)},
        "training": msgspec.to_builtins(project.training),
        "data": msgspec.to_builtins(project.data),
        "history": history,  # type: ignore[dict-item]
        "view": project.view,
    }
    return {**document, **{name: value for name, value in project.extras.sections.items() if name not in document}}


def from_document(document: Mapping[str, Json], *, strict: bool) -> Project:
    """A project without its arrays.

    `strict` refuses fields that this version does not know, except whole sections: those are kept as they are.

    Raises:
        msgspec.ValidationError: a wrong type, a value out of range, or something missing; the message says where.
        GraphError: the drawing is none.
        ValueError: a field that nobody knows.
    """
    read = msgspec.convert(document, _Document)
    sections = {name: value for name, value in document.items() if name not in _Document.__struct_fields__}
    if strict:
        for field in _unknown_fields(document, msgspec.to_builtins(read)):
            if field not in sections:
                raise ValueError(f"it has a field that this version does not know - at `{field}`")
    nodes = tuple(
        Node(each.id, each.kind, each.name, MappingProxyType(each.params), each.position) for each in read.graph.nodes
    )
    return Project(
        graph=Graph.from_state(GraphState(nodes, tuple(tuple(each.inputs) for each in read.graph.nodes))),
        title=read.title,
        training=read.training,
        data=read.data,
        history=TrainingHistory(
            epochs=tuple(EpochDone(**_numbers_from_json(each)) for each in read.history.epochs),
            test=None if read.history.test is None else RunDone(**_numbers_from_json(read.history.test)),
        ),
        view=read.view,
        extras=Extras(sections=sections),
    )


def _numbers_to_json(record: EpochDone | RunDone) -> dict[str, Json]:
    return {
        name: number_to_json(value) if isinstance(value, float) else value for name, value in asdict(record).items()
    }


def _numbers_from_json(record: _Epoch | _Test) -> dict[str, Any]:
    return {
        name: number_from_json(value) if isinstance(value, (str, float)) else value
        for name, value in msgspec.structs.asdict(record).items()
    }


def _unknown_fields(raw: object, understood: object, place: str = "") -> Iterator[str]:
    """Where `raw` has a key that did not find its way into `understood`."""
    if isinstance(raw, dict) and isinstance(understood, dict):
        for name, value in raw.items():
            inner = f"{place}.{name}" if place else str(name)
            if name in understood:
                yield from _unknown_fields(value, understood[name], inner)
            else:
                yield inner
    elif isinstance(raw, list) and isinstance(understood, list):
        for index, (value, other) in enumerate(zip(raw, understood, strict=True)):
            yield from _unknown_fields(value, other, f"{place}[{index}]")
