"""What would mend a fault: candidates come from the shape rules, and only those that do mend it are offered.

Trying one is running shape rules along a few layers, never an analysis, so that problems stay cheap.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from math import prod

from cnnstudio.graph.catalogue import spec_of
from cnnstudio.graph.commands import Command, Connect, Group, InsertChain, InsertOnLink, RemoveNodes, SetParams
from cnnstudio.graph.document import Graph, Link
from cnnstudio.graph.errors import Chain, GraphError, ShapeError
from cnnstudio.graph.params import Params
from cnnstudio.graph.report import Fix
from cnnstudio.graph.shapes import LARGEST_OUTPUT, Shape, size_text
from cnnstudio.graph.specs import Family, LayerSpec


def of_fault(graph: Graph, node_id: str, error: ShapeError, arrived: tuple[Shape, ...]) -> tuple[Fix, ...]:
    """Other parameters of the layer, or layers in front of it, so that what arrives fits."""
    inserted = (_inserted(graph, node_id, chains, arrived) for chains in error.inserts)
    return (*parameters(graph, node_id, error.offers, arrived), *(fix for fix in inserted if fix is not None))


def parameters(graph: Graph, node_id: str, offers: Iterable[Params], arrived: tuple[Shape, ...]) -> tuple[Fix, ...]:
    """Those changes of a layer's parameters with which it takes what arrives, without a doubt."""
    node, spec = graph.node(node_id), graph.spec(node_id)
    fixes: dict[str, Fix] = {}
    for offer in offers:
        try:
            checked = spec.check({**node.params, **offer})
            output = spec.output_shape(checked, arrived)
        except GraphError:
            continue
        change = {name: checked[name] for name in offer if checked[name] != node.params[name]}
        if change and spec.doubt(checked, arrived) is None:
            text = "Set " + ", ".join(f"{name} to {parameter_text(value)}" for name, value in change.items())
            text += f": gives {size_text(output)}" if arrived and output != arrived[0] else ""
            fixes.setdefault(text, Fix(text, SetParams(node_id, **change)))
    return tuple(fixes.values())


def parameter_text(value: object) -> str:
    """A size or padding as one writes it in code: 2, (3, 5), (0, 2, 0, 2)."""
    return "automatic" if value is None else str(value)


def _inserted(graph: Graph, node_id: str, chains: Mapping[int, Chain], arrived: tuple[Shape, ...]) -> Fix | None:
    node, spec, sources = graph.node(node_id), graph.spec(node_id), graph.inputs_of(node_id)
    shapes, price, texts = list(arrived), 0, []
    commands: list[Command] = []
    try:
        for port, chain in chains.items():
            source = sources[port]
            if source is None:
                return None
            shapes[port], learned = _through(chain, shapes[port])
            price += learned
            link = Link(source, node_id, port)
            commands.append(InsertOnLink(link, *chain[0]) if len(chain) == 1 else InsertChain(link, chain))
            texts.append(f"{' and '.join(_layer_text(*layer) for layer in chain)} after {graph.node(source).name}")
        if any(prod(shape) > LARGEST_OUTPUT for shape in (*shapes, spec.output_shape(node.params, tuple(shapes)))):
            return None
    except GraphError:
        return None
    own = _count(spec, node.params, tuple(shapes))
    if own:
        cost = f"{node.name} then has {own:,} parameters"
    else:
        cost = f"{price:,} more parameters" if price else "no parameters"
    text = f"Insert {', '.join(texts)}: {cost}"
    return Fix(text, commands[0] if len(commands) == 1 else Group(commands, f"insert layers before {node.name}"))


def _through(chain: Chain, shape: Shape) -> tuple[Shape, int]:
    """The shape behind layers that `shape` arrives at, and what they learn. GraphError where one does not fit."""
    learned = 0
    for kind, given in chain:
        spec = spec_of(kind)
        params = spec.check(given)
        after = spec.output_shape(params, (shape,))
        learned += _count(spec, params, (shape,))
        shape = after
    return shape, learned


def _count(spec: LayerSpec, params: Params, arrived: tuple[Shape, ...]) -> int:
    return sum(prod(shape) for shape in spec.weights(params, arrived).values())


def _layer_text(kind: str, given: Params) -> str:
    spec = spec_of(kind)
    summary = spec.summary(spec.check(given))
    return f"{kind} ({summary})" if summary else kind


def of_missing_input(
    graph: Graph, node_id: str, arrived: tuple[Shape | None, ...], loose: Mapping[str, Shape]
) -> tuple[Fix, ...]:
    """A wire from the layer that has no follower yet, if it is clear which one.

    `loose` are the shapes of the layers before this one that feed no other.
    """
    spec, node, sources = graph.spec(node_id), graph.node(node_id), graph.inputs_of(node_id)
    empty = [port for port, source in enumerate(sources) if source is None]
    free = [each for each in loose if each != node_id and not graph.reaches(node_id, each)]
    if len(free) != len(empty) or len(empty) < sum(each is None for each in arrived):
        return ()
    chosen = dict(zip(empty, free, strict=True))
    found = tuple(loose[chosen[port]] if port in chosen else shape for port, shape in enumerate(arrived))
    try:
        if prod(spec.output_shape(node.params, tuple(each for each in found if each is not None))) > LARGEST_OUTPUT:
            return ()
    except GraphError:
        return ()
    names = " and ".join(graph.node(each).name for each in free)
    commands: list[Command] = [Connect(source, node_id, port) for port, source in chosen.items()]
    command = commands[0] if len(commands) == 1 else Group(commands, f"connect {names} to {node.name}")
    return (Fix(f"Connect {names} to {node.name}", command),)


def of_extra_input(graph: Graph, extra: str, first: str) -> tuple[Fix, ...]:
    """One Input in the place of two that are alike; an Input that nobody uses may go."""
    name, links = graph.node(extra).name, graph.links_from(extra)
    if not links:
        return (Fix(f"Delete {name}, which feeds no layer", RemoveNodes([extra])),)
    if graph.node(extra).params != graph.node(first).params:
        return ()
    moved: list[Command] = [Connect(first, link.target, link.port) for link in links]
    text = f"Feed from {graph.node(first).name} what {name} feeds, and delete {name}"
    return (Fix(text, Group([*moved, RemoveNodes([extra])], f"replace {name} by {graph.node(first).name}")),)


def of_two_ends(graph: Graph, ends: Sequence[str]) -> tuple[Fix, ...]:
    """Delete what leads to the first of two ends and nowhere else."""
    if len(ends) != 2:
        return ()
    dead = set(_leading_only_to(graph, ends[0]))
    if any(graph.spec(each).family is Family.SOURCE for each in dead):
        return ()
    ordered = [each for each in graph.topological_order() if each in dead]
    names = [graph.node(each).name for each in ordered]
    what = names[0] if len(names) == 1 else f"{names[0]} to {names[-1]} ({len(names)} layers)"
    return (Fix(f"Delete {what}: nothing is made of what it gives", RemoveNodes(ordered)),)


def _leading_only_to(graph: Graph, end: str) -> Iterator[str]:
    dead, trail = {end}, [end]
    while trail:
        node_id = trail.pop()
        yield node_id
        for source in dict.fromkeys(graph.inputs_of(node_id)):
            if source is None or source in dead:
                continue
            if all(link.target in dead for link in graph.links_from(source)):
                dead.add(source)
                trail.append(source)


def expected_text(fixes: Sequence[Fix]) -> str:
    """What would fit, by parameter: "padding 1 or (0, 2, 0, 2), stride 2 or 1, or kernel size 4"."""
    values: dict[str, list[str]] = {}
    for fix in fixes:
        if isinstance(fix.command, SetParams):
            for name, value in fix.command.params.items():
                values.setdefault(name.replace("_", " "), []).append(parameter_text(value))
    *most, last = [f"{name} {' or '.join(found)}" for name, found in values.items()] or [""]
    return f"{', '.join(most)}, or {last}" if most else last
