"""Whether what the last run left to be seen is of the network as it is drawn now."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from cnnstudio.graph import Graph


class Standing(StrEnum):
    """What the drawing is to the one that was trained last."""

    PRESENT = "present"
    """The same, or nothing was trained yet: curves and result are its own."""
    EDITED = "edited"
    """Changed since: curves and result are of an earlier drawing."""
    OTHER = "other"
    """Another network: none of the layers that were trained is left."""


@dataclass(frozen=True, slots=True)
class Drawing:
    """What of a drawing decides its figures: kind, parameters and inputs by node id; neither names nor places."""

    layers: Mapping[str, tuple[str, Mapping[str, object], tuple[str | None, ...]]]

    @classmethod
    def of(cls, graph: Graph) -> Drawing:
        state = graph.state
        return cls(
            {
                node.id: (node.kind, dict(node.params), sources)
                for node, sources in zip(state.nodes, state.inputs, strict=True)
            }
        )

    def standing(self, graph: Graph) -> Standing:
        """What `graph` is to this drawing."""
        now = Drawing.of(graph)
        if now == self:
            return Standing.PRESENT
        # By kind too: the id of a layer that is gone may be given to another.
        left = any(key in now.layers and now.layers[key][0] == kind for key, (kind, _, _) in self.layers.items())
        return Standing.EDITED if left else Standing.OTHER
