"""Drawings of any kind, however faulty, for hypothesis to choose from."""

from __future__ import annotations

from types import MappingProxyType

from hypothesis import strategies as st

from cnnstudio.graph import CATALOGUE, Graph, GraphState, Node
from cnnstudio.graph.params import ParamSpec, ParamType


def values(param: ParamSpec) -> st.SearchStrategy[object]:
    """Any legal value of a parameter, the extremes among them."""
    low, high = int(param.minimum), int(min(param.maximum, 2**16))
    whole = st.integers(low, min(high, 9)) | st.sampled_from([low, high])
    legal: dict[ParamType, st.SearchStrategy[object]] = {
        ParamType.INTEGER: whole,
        ParamType.REAL: st.floats(
            param.minimum, param.maximum, exclude_min=param.above_minimum, exclude_max=param.below_maximum
        ),
        ParamType.FLAG: st.booleans(),
        ParamType.CHOICE: st.sampled_from(param.choices or ("",)),
        ParamType.SIZE: whole | st.tuples(whole, whole),
        ParamType.PADDING: whole | st.tuples(*[whole] * 4) | st.sampled_from(param.choices or (low,)),
        ParamType.SHAPE: st.tuples(whole) | st.tuples(whole, whole, whole) | st.just((3, 16, 16)),
    }
    return st.none() | legal[param.type] if param.optional else legal[param.type]


@st.composite
def drawings(draw: st.DrawFn) -> Graph:
    """Layers of all kinds, known and unknown, wired at will: missing inputs, wrong ranks, misfits, several inputs."""
    kinds = [*CATALOGUE, "Capsule", "Input", "Conv2d", "Add"]
    nodes: list[Node] = []
    inputs: list[tuple[str | None, ...]] = []
    for number in range(draw(st.integers(0, 12))):
        kind = draw(st.sampled_from(kinds))
        spec = CATALOGUE.get(kind)
        params = {} if spec is None else {each.name: draw(values(each)) for each in spec.params}
        most = 3 if spec is None or spec.ports.maximum is None else spec.ports.maximum
        source = st.none() | st.sampled_from([node.id for node in nodes]) if nodes else st.none()
        nodes.append(Node(f"n{number}", kind, f"layer {number}", MappingProxyType(params)))
        inputs.append(tuple(draw(st.lists(source, max_size=most))))
    return Graph.from_state(GraphState(tuple(nodes), tuple(inputs)))
