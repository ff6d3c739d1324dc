"""Where the time of a network goes, written down: a page to read, CSV, JSON."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from types import MappingProxyType

from cnnstudio.engine import Profile, ProfileRow
from cnnstudio.explain.reports.tables import Table, comma_separated, escaped, harmless, marked, plain
from cnnstudio.explain.text import bytes_text, count_text, percent_text

VERSION = 1
_HEADER = ("Layer", "Kind", "Forward ms", "Backward ms", "Time", "MACs", "of all", "Traffic", "Output", "Kept")
CSV_HEADER = (
    "layer", "kind", "forward_ms", "backward_ms", "time_share", "macs", "macs_share", "traffic_share",
    "forward_bytes", "backward_bytes",
)  # fmt: skip
CONVENTION = (
    "Milliseconds are medians of {repeats} passes in training mode, after one to warm up, for {images}.",
    "MACs are those of one image; traffic is a layer's share of the bytes that all layers read and write.",
    "Output and Kept are bytes for the batch: what the layer gives, and what it holds for the way back.",
)


def render_profile(profile: Profile, format: str, *, title: str = "", repeats: int = 5) -> str:  # noqa: A002
    """A profile in one of PROFILE_FORMATS. repeats: of how many passes its times are the medians.

    Raises KeyError for another format.
    """
    return _WRITERS[format](profile, " ".join(title.split()), repeats)


def _table(profile: Profile, title: str, repeats: int) -> str:
    return "\n\n".join((plain(_rows(profile)), profile.remark, "\n".join(_counted(profile, repeats))))


def _markdown(profile: Profile, title: str, repeats: int) -> str:
    listed = "\n".join(f"- {each}" for each in _counted(profile, repeats))
    return "\n\n".join((marked(_rows(profile)), escaped(profile.remark), listed))


def _rows(profile: Profile) -> Table:
    rows = tuple(
        (
            row.name,
            row.kind,
            _milliseconds(row.forward_ms),
            _milliseconds(row.backward_ms),
            percent_text(row.time_share),
            count_text(row.macs),
            percent_text(row.macs_share),
            percent_text(row.traffic_share),
            bytes_text(row.forward_bytes),
            bytes_text(row.backward_bytes),
        )
        for row in profile.rows
    )
    footer = (
        "Total",
        "",
        _milliseconds(profile.forward_ms),
        _milliseconds(profile.backward_ms),
        "",
        count_text(sum(row.macs for row in profile.rows)),
        "",
        "",
        bytes_text(sum(row.forward_bytes for row in profile.rows)),
        bytes_text(sum(row.backward_bytes for row in profile.rows)),
    )
    return Table(_HEADER, rows, frozenset(range(2, len(_HEADER))), footer)


def _milliseconds(value: float) -> str:
    return f"{value:,.2f}"


def _counted(profile: Profile, repeats: int) -> tuple[str, ...]:
    images = "1 image" if profile.images == 1 else f"a batch of {profile.images:,} images"
    return tuple(each.format(repeats=repeats, images=images) for each in CONVENTION)


def _csv(profile: Profile, title: str, repeats: int) -> str:
    return comma_separated(
        CSV_HEADER, [(harmless(row.name), row.kind, *_figures(row).values()) for row in profile.rows]
    )


def _json(profile: Profile, title: str, repeats: int) -> str:
    """Version 1: layers in the order in which they ran, times in milliseconds for the batch, shares from 0 to 1."""
    odd = profile.out_of_proportion
    found = {
        "format": "cnnstudio-profile",
        "version": VERSION,
        "title": title,
        "images": profile.images,
        "repeats": repeats,
        "conventions": list(_counted(profile, repeats)),
        "layers": [{"id": row.id, "name": row.name, "kind": row.kind, **_figures(row)} for row in profile.rows],
        "forward_ms": round(profile.forward_ms, 4),
        "backward_ms": round(profile.backward_ms, 4),
        "slowest": profile.slowest.name,
        "out_of_proportion": None if odd is None else odd.name,
        "remark": profile.remark,
    }
    return json.dumps(found, indent=2)


def _figures(row: ProfileRow) -> dict[str, float]:
    return {
        "forward_ms": round(row.forward_ms, 4),
        "backward_ms": round(row.backward_ms, 4),
        "time_share": round(row.time_share, 6),
        "macs": row.macs,
        "macs_share": round(row.macs_share, 6),
        "traffic_share": round(row.traffic_share, 6),
        "forward_bytes": row.forward_bytes,
        "backward_bytes": row.backward_bytes,
    }


_WRITERS: Mapping[str, Callable[[Profile, str, int], str]] = MappingProxyType(
    {"table": _table, "csv": _csv, "markdown": _markdown, "json": _json}
)
PROFILE_FORMATS = tuple(_WRITERS)
