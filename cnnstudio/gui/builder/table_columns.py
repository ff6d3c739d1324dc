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
LEAST_NAME, LEAST_KIND = 72, 62
"""Words may be cut off; a figure is never."""
LEAST_NOTE = 60


def shared(width: int, needs: Sequence[int]) -> list[int]:
    """A width for each column; 0 leaves it out.

    `needs` is what each column's longest text takes. Padding and alignment, which tool tips tell as well, stand where
    there is room. Names and kinds give way to figures; where that is not enough, the sum exceeds `width`, so that the
    table scrolls, and then they need not.
    """
    shown = [[*range(NOTE)], [each for each in range(NOTE) if each != ALIGNED], [*range(PADDING)]]
    columns = next((each for each in shown if sum(needs[column] for column in each) <= width), shown[-1])
    widths = [needs[column] if column in columns else 0 for column in range(NOTE)]
    words = min(needs[NAME], USUAL[NAME]), min(needs[KIND], USUAL[KIND])
    for column, least in ((KIND, LEAST_KIND), (NAME, LEAST_NAME)):
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
