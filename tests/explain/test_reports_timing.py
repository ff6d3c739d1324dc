"""A profile, written down."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace

import pytest

from cnnstudio.engine import Profile, ProfileRow
from cnnstudio.explain.reports.timing import PROFILE_FORMATS, render_profile

CONV = ProfileRow("a", "=conv", "Conv2d", 3.0, 6.0, 4096, 1024, 900, 0.9, 1.0, 0.75)
RELU = ProfileRow("b", "relu", "ReLU", 0.25, 0.75, 0, 4096, 0, 0.1, 0.0, 0.25)
PROFILE = Profile((CONV, RELU), 32, CONV, None, "No layer is out of proportion.")


def test_the_table_has_each_layer_the_totals_and_the_remark() -> None:
    lines = render_profile(PROFILE, "table", repeats=7).splitlines()
    assert lines[2].split() == [
        "=conv", "Conv2d", "3.00", "6.00", "90.0", "%", "900", "100.0", "%", "75.0", "%", "4.0", "KB", "1.0", "KB",
    ]  # fmt: skip
    assert lines[5].split() == ["Total", "3.25", "6.75", "900", "4.0", "KB", "5.0", "KB"]
    assert "No layer is out of proportion." in lines
    assert any("medians of 7 passes" in line and "a batch of 32 images" in line for line in lines)


def test_markdown_is_a_table_and_a_list() -> None:
    lines = render_profile(PROFILE, "markdown").splitlines()
    assert lines[2].startswith("| =conv | Conv2d | 3.00 | 6.00 |")
    assert lines[-1].startswith("- ")


def test_markdown_shows_the_name_in_the_remark_as_it_is() -> None:
    lines = render_profile(replace(PROFILE, remark="a*b* takes most."), "markdown").splitlines()
    assert "a\\*b\\* takes most." in lines


def test_csv_is_safe_and_exact() -> None:
    rows = list(csv.DictReader(io.StringIO(render_profile(PROFILE, "csv"))))
    assert rows[0]["layer"] == "'=conv"
    assert [float(row["backward_ms"]) for row in rows] == [6.0, 0.75]
    assert [int(row["forward_bytes"]) for row in rows] == [4096, 0]


def test_json_is_versioned() -> None:
    found = json.loads(render_profile(PROFILE, "json", title="mine", repeats=3))
    assert (found["format"], found["version"], found["title"]) == ("cnnstudio-profile", 1, "mine")
    assert (found["images"], found["repeats"], found["slowest"]) == (32, 3, "=conv")
    assert found["out_of_proportion"] is None
    assert [layer["time_share"] for layer in found["layers"]] == [0.9, 0.1]


@pytest.mark.parametrize("form", PROFILE_FORMATS)
def test_no_format_ends_in_a_line_end(form: str) -> None:
    assert not render_profile(PROFILE, form).endswith("\n")
