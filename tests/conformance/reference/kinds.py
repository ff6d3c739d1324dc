"""Every kind of the catalogue by its definition."""

from __future__ import annotations

from collections.abc import Mapping

from tests.conformance.reference import activation, convolution, normalization, pooling, shape
from tests.conformance.reference.site import Reference

REFERENCES: Mapping[str, Reference] = {
    **shape.REFERENCES,
    **convolution.REFERENCES,
    **pooling.REFERENCES,
    **normalization.REFERENCES,
    **activation.REFERENCES,
}
