"""The columns of the analysis table: which there are, and how they share the width that there is."""

from __future__ import annotations

from collections.abc import Sequence

NAME, KIND, OUTPUT, PARAMETERS, MACS, MEMORY, FIELD, STRIDE, PADDING, ALIGNED, NOTE = range(11)
FIGURES = range(OUTPUT, ALIGNED + 1)
"""Columns that hold figures: right-aligned, all digits of one width."""
FIGURE_OF = {
    OUTPUT: "output_shape",
    PARAMETERS: "parameters",
    MACS: "macs",
    MEMORY: "activation_bytes",
    FIELD: "receptive_field",
    STRIDE: "stride",
    PADDING: "padding",
    ALIGNED: "alignment",
}
"""What the graph calls a column's figure."""
USUAL = (128, 124, 144, 118, 124, 96, 136, 80, 88, 84, 0)
"""Widths that look well where there is room."""
LEAST_NAME, LEAST_KIND = 64, 72
"""Words may be cut off, a name to two thirds; a figure is never."""
LEAST_NOTE = 60


def shared(width: int, needs: Sequence[int]) -> list[int]:
    """A width for each column; 0 leaves it out.

    `needs` is what each column's longest text takes. Alignment, which a mark and tool tips tell as well, stands where
    there is room. Names and kinds give way to figures; where that is not enough, the sum exceeds `width`, so that the
    table scrolls, and then they need not, and nothing is left out.
    """
    least_name = min(needs[NAME], max(LEAST_NAME, needs[NAME] * 2 // 3))
    least_kind = min(needs[KIND], LEAST_KIND)
    given = needs[NAME] - least_name + needs[KIND] - least_kind
    every, usual = [*range(NOTE)], [*range(ALIGNED)]
    fits = sum(needs[column] for column in usual) - given <= width
    columns = usual if fits and sum(needs[column] for column in every) > width else every
    widths = [needs[column] if column in columns else 0 for column in range(NOTE)]
    words = min(needs[NAME], USUAL[NAME]), min(needs[KIND], USUAL[KIND])
    for column, least in ((KIND, least_kind), (NAME, least_name)):
        widths[column] -= max(0, min(sum(widths) - width, widths[column] - least))
    if sum(widths) > width:
        widths[NAME], widths[KIND] = words
    wanted = [max(0, USUAL[column] - widths[column]) if column in columns else 0 for column in range(NOTE)]
    share = min(1.0, max(0, width - sum(widths)) / max(1, sum(wanted)))
    widths = [size + int(share * more) for size, more in zip(widths, wanted, strict=True)]
    rest = max(0, width - sum(widths))
    if rest < LEAST_NOTE:
        return [widths[NAME] + rest, *widths[1:], 0]
    return [*widths, rest]
