"""The layer kinds that exist, one family a file."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from types import MappingProxyType

from cnnstudio.graph.catalogue import (
    activation,
    convolution,
    merging,
    normalization,
    pooling,
    regularization,
    source,
)
from cnnstudio.graph.errors import UnknownKindError
from cnnstudio.graph.params import quoted
from cnnstudio.graph.specs import Family, LayerSpec

__all__ = ["CATALOGUE", "families", "spec_of"]

CATALOGUE: Mapping[str, LayerSpec] = MappingProxyType(
    {
        spec.kind: spec
        for room in (source, convolution, pooling, normalization, activation, regularization, merging)
        for spec in room.KINDS
    }
)


def spec_of(kind: str) -> LayerSpec:
    """The declaration of `kind`. Raises UnknownKindError, with the nearest names, when there is none."""
    try:
        return CATALOGUE[kind]
    except KeyError:
        near = get_close_matches(kind, CATALOGUE, n=3, cutoff=0.5)
        hint = f" Did you mean {' or '.join(near)}?" if near else ""
        raise UnknownKindError(f"There is no layer kind {quoted(kind)}.{hint}") from None


def families() -> Mapping[Family, tuple[LayerSpec, ...]]:
    """The kinds by family, both in the order in which a palette shows them."""
    return {family: tuple(spec for spec in CATALOGUE.values() if spec.family is family) for family in Family}
