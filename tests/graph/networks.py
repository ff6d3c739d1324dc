"""Networks at random in which every layer fits, for hypothesis to choose from."""

from __future__ import annotations

from hypothesis import strategies as st

from cnnstudio.graph import CATALOGUE, Graph, analyze
from cnnstudio.graph.params import ParamSpec, ParamType


def small(param: ParamSpec) -> st.SearchStrategy[object]:
    """Legal values of a parameter near its least."""
    least = int(param.minimum)
    whole = st.integers(least, int(min(param.minimum + 3, param.maximum)))
    legal: dict[ParamType, st.SearchStrategy[object]] = {
        ParamType.INTEGER: whole,
        ParamType.REAL: st.just(param.first_value),
        ParamType.FLAG: st.booleans(),
        ParamType.CHOICE: st.sampled_from(param.choices or ("",)),
        ParamType.SIZE: whole | st.tuples(whole, whole),
        ParamType.SHAPE: st.tuples(*[st.integers(1, 24)] * 3) | st.just((4, 12, 12)),
        ParamType.PADDING: whole | st.tuples(*[whole] * 4) | st.sampled_from(param.choices or (least,)),
    }
    return st.none() | legal[param.type] if param.optional else legal[param.type]


@st.composite
def networks(draw: st.DrawFn, most: int = 10) -> Graph:
    """One picture, layers of all kinds with small parameters, and merges of what has come before."""
    graph = Graph()
    sizes = st.integers(5, 24)
    placed = [graph.add("Input", shape=(draw(st.sampled_from([1, 2, 4, 6])), draw(sizes), draw(sizes)))]
    kinds = sorted([*CATALOGUE.keys() - {"Input"}, "Conv2d", "Conv2d", "MaxPool2d", "Concat"])
    for _ in range(draw(st.integers(1, most))):
        spec = CATALOGUE[draw(st.sampled_from(kinds))]
        fan = draw(st.integers(2, 3)) if spec.ports.variadic else 1
        sources = [draw(st.sampled_from(placed[-4:])) for _ in range(fan)]
        node = graph.insert(spec.kind, sources, {each.name: draw(small(each)) for each in spec.params})
        if analyze(graph)[node].output_shape is None:
            graph.remove(node)
        else:
            placed.append(node)
    return graph
