"""What is wrong with a drawing, said in sentences, each with what would mend it."""

from __future__ import annotations

from collections.abc import Mapping

from cnnstudio.graph import fixes
from cnnstudio.graph.document import Graph
from cnnstudio.graph.errors import GraphError, RankError, ShapeError, UnknownKindError
from cnnstudio.graph.report import Fix, Problem, ProblemCode, Severity
from cnnstudio.graph.shapes import Shape
from cnnstudio.graph.specs import Doubt

MOST_ENDS = 16
"""With more loose ends than that there is no guessing which one belongs where."""


def missing_input(graph: Graph, node_id: str, arrived: tuple[Shape | None, ...], loose: Mapping[str, Shape]) -> Problem:
    """`loose` are the shapes of the layers before this one that feed no other."""
    name, sources = graph.node(node_id).name, graph.inputs_of(node_id)
    empty = [str(port + 1) for port, source in enumerate(sources) if source is None]
    if len(sources) == 1:
        message = f"{name} has no input; draw a wire to it from the layer before."
    else:
        plural = "s" if len(empty) > 1 else ""
        message = f"{name} takes {len(sources)} inputs; nothing arrives at input{plural} {' and '.join(empty)}."
    mending = fixes.of_missing_input(graph, node_id, arrived, loose)
    return Problem(node_id, ProblemCode.MISSING_INPUT, message, arrived, "a wire to every input", mending)


def fault(graph: Graph, node_id: str, error: GraphError, shapes: tuple[Shape | None, ...]) -> Problem:
    name, kind = graph.node(node_id).name, graph.node(node_id).kind
    # Shape rules speak of the kind; on the screen the layer's own name is what the user looks for.
    message = f"{name}: {str(error).removeprefix(kind + ': ')}"
    if isinstance(error, UnknownKindError):
        return Problem(node_id, ProblemCode.UNKNOWN_KIND, message, shapes, "a known kind")
    expected = ""
    mending: tuple[Fix, ...] = ()
    if isinstance(error, ShapeError):
        expected = error.expected
        mending = fixes.of_fault(graph, node_id, error, tuple(each for each in shapes if each is not None))
    code = ProblemCode.RANK if isinstance(error, RankError) else ProblemCode.SHAPE
    return Problem(node_id, code, message, shapes, expected, mending)


def misfit(graph: Graph, node_id: str, doubt: Doubt, shapes: tuple[Shape, ...]) -> Problem:
    """A layer that fits, though not as it was probably meant."""
    mending = fixes.parameters(graph, node_id, doubt.offers, shapes)
    expected = fixes.expected_text(mending)
    # To an Input nothing arrives that it could fit; its doubt says all by itself.
    fitting = f" It fits with {expected}." if expected and shapes else ""
    message = f"{graph.node(node_id).name}: {doubt.message}{fitting}"
    return Problem(node_id, ProblemCode.MISFIT, message, shapes, expected, mending, Severity.WARNING)


def of_network(graph: Graph, inputs: tuple[str, ...], ends: tuple[str, ...]) -> tuple[Problem, ...]:
    problems = []
    if not inputs:
        problems.append(
            Problem(
                None,
                ProblemCode.EMPTY,
                "The network has no Input layer; add one and say which shape of picture it takes.",
                expected="one Input layer",
            )
        )
    problems.extend(
        Problem(
            extra,
            ProblemCode.SEVERAL_INPUTS,
            f"{graph.node(extra).name} is a second Input; a network takes one picture.",
            expected="one Input layer",
            fixes=fixes.of_extra_input(graph, extra, inputs[0]),
        )
        for extra in inputs[1:]
    )
    if len(ends) > 1:
        names = [graph.node(each).name for each in ends]
        listed = ", ".join(names if len(names) < 6 else [*names[:4], "…", names[-1]])
        problems.append(
            Problem(
                ends[0],
                ProblemCode.SEVERAL_OUTPUTS,
                f"{len(ends)} layers feed no other: {listed}. The last, {names[-1]}, is the output.",
                expected="one last layer",
                fixes=fixes.of_two_ends(graph, ends),
                severity=Severity.WARNING,
            )
        )
    return tuple(problems)
