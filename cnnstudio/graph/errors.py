"""What can go wrong in a drawing. Messages are whole sentences that a user can act on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from cnnstudio.graph.shapes import Shape


class GraphError(ValueError):
    """An edit that the graph refuses; the graph is as it was before."""


class UnknownKindError(GraphError):
    """A layer kind that the catalogue does not hold."""


class UnknownNodeError(GraphError, KeyError):
    """A node id that the graph does not hold."""

    __str__ = ValueError.__str__


class NameTakenError(GraphError):
    """A name that another layer bears, or that cannot be a name."""


class PortError(GraphError):
    """A link to a port that does not exist, is taken, or has nothing on it."""


class CycleError(GraphError):
    """A link that would make a layer its own ancestor."""


class ParameterError(GraphError):
    """A parameter that is unknown, missing, of the wrong type or out of its range."""


Chain = tuple[tuple[str, Mapping[str, object]], ...]
"""Layers one behind the other, each as (kind, parameters)."""


class ShapeError(GraphError):
    """What arrives at a layer is not what it takes. Raised by shape rules; `analyze` turns it into a Problem.

    What might mend it, best first (each is tried before it is offered):

    Attributes:
        offers: other values of the layer's own parameters.
        inserts: layers to put in front of it, by the input port at which they would stand.
    """

    def __init__(
        self,
        message: str,
        *,
        arrived: tuple[Shape, ...],
        expected: str,
        offers: Iterable[Mapping[str, object]] = (),
        inserts: Iterable[Mapping[int, Chain]] = (),
    ) -> None:
        super().__init__(message)
        self.arrived = arrived
        self.expected = expected
        self.offers = tuple(offers)
        self.inserts = tuple(inserts)


class RankError(ShapeError):
    """A vector where a map is needed, or the other way round."""
