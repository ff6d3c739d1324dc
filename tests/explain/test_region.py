"""Where a value looks: exact to the pixel, and never beyond the picture."""

from __future__ import annotations

import numpy as np
import pytest

from cnnstudio.compile import compile_graph
from cnnstudio.explain import Region, value_region
from cnnstudio.graph import Graph, analyze


def stack() -> Graph:
    """Everything that moves a field: padding on one side, dilation, stride, pooling, two branches that meet."""
    graph = Graph()
    image = graph.add("Input", shape=(1, 13, 11))
    first = graph.add("Conv2d", image, out_channels=2, kernel_size=(3, 2), padding=(1, 0, 2, 0))
    pool = graph.add("AvgPool2d", first, kernel_size=2, stride=2)
    left = graph.add("Conv2d", pool, out_channels=2, kernel_size=3, dilation=(2, 1), padding=(0, 1))
    right = graph.add("Conv2d", pool, out_channels=2, kernel_size=(5, 1))
    graph.add("Add", left, right)
    return graph


def seen(graph: Graph, node_id: str, row: int, column: int) -> tuple[int, int, int, int] | None:
    """What a value depends on, found by changing one pixel after another."""
    net = compile_graph(graph, seed=3, dtype="float64")
    shape = net.input_shape
    pixels = np.eye(shape[1] * shape[2]).reshape(-1, *shape)
    base = net.activations(np.zeros((1, *shape)))[node_id][0, :, row, column]
    moved = np.abs(net.activations(pixels)[node_id][:, :, row, column] - base).max(axis=1) > 1e-12
    rows, columns = np.nonzero(moved.reshape(shape[1:]))
    return (rows.min(), columns.min(), rows.max(), columns.max()) if len(rows) else None


def test_a_region_is_what_the_value_depends_on_pixel_by_pixel() -> None:
    graph = stack()
    report = analyze(graph)
    for row in report:
        _, height, width = row.output_shape
        for y in range(height):
            for x in range(width):
                region = value_region(graph, report, row.id, 0, y, x)
                edges = None if region is None else (region.top, region.left, region.bottom, region.right)
                assert edges == seen(graph, row.id, y, x), (row.name, y, x)


def test_a_region_at_the_rim_says_on_which_sides_padding_was_seen() -> None:
    graph = Graph()
    image = graph.add("Input", shape=(1, 5, 5))
    conv = graph.add("Conv2d", image, out_channels=1, kernel_size=3, padding=1)
    report = analyze(graph)
    corner, middle = value_region(graph, report, conv, 0, 0, 4), value_region(graph, report, conv, 0, 2, 2)
    assert corner == Region(0, 3, 1, 4, clipped_top=True, clipped_right=True)
    assert (corner.height, corner.width, corner.clipped) == (2, 2, True)
    assert middle == Region(1, 1, 3, 3)
    assert not middle.clipped


def test_a_value_that_sees_padding_only_has_no_region() -> None:
    graph = Graph()
    image = graph.add("Input", shape=(1, 4, 4))
    conv = graph.add("Conv2d", image, out_channels=1, kernel_size=1, padding=2)
    report = analyze(graph)
    assert value_region(graph, report, conv, 0, 0, 0) is None
    assert value_region(graph, report, conv, 0, 2, 2) == Region(0, 0, 0, 0)


def test_behind_full_connection_every_value_sees_the_whole_picture() -> None:
    graph = Graph()
    image = graph.add("Input", shape=(1, 6, 4))
    linear = graph.add("Linear", graph.add("Flatten", image), out_features=3)
    assert value_region(graph, analyze(graph), linear, 2) == Region(0, 0, 5, 3)


def test_a_flattened_value_sees_what_its_place_in_the_maps_sees() -> None:
    graph = Graph()
    image = graph.add("Input", shape=(1, 6, 4))
    conv = graph.add("Conv2d", image, out_channels=2, kernel_size=3, padding=1)
    flat = graph.add("ReLU", graph.add("Flatten", conv))
    report = analyze(graph)
    channels, height, width = report[conv].output_shape
    for index in range(channels * height * width):
        _, y, x = (int(each) for each in np.unravel_index(index, (channels, height, width)))
        assert value_region(graph, report, flat, index) == value_region(graph, report, conv, 0, y, x)


def test_where_there_is_no_value_there_is_an_error_and_no_region() -> None:
    graph = stack()
    report = analyze(graph)
    with pytest.raises(IndexError, match="conv2d_1 gives maps of 12 × 12; there is no"):
        value_region(graph, report, "conv2d_1", 0, 99, 0)
    flat = graph.add("Flatten", "add_1")
    with pytest.raises(IndexError, match="there is no value 1000000"):
        value_region(graph, analyze(graph), flat, 1_000_000)


def test_where_no_one_map_of_intervals_holds_each_value_still_has_its_region() -> None:
    graph = Graph()
    image = graph.add("Input", shape=(1, 8, 8))
    near = graph.add("MaxPool2d", image, kernel_size=1, stride=2)
    far = graph.add("Conv2d", image, out_channels=1, kernel_size=5)
    both = graph.add("Add", near, far)  # strides 2 and 1
    enlarged = graph.add("Upsample", both, scale_factor=2)
    report = analyze(graph)
    assert report[both].receptive_field is None
    assert report[both].field_note
    assert value_region(graph, report, both, 0, 1, 3) == Region(1, 3, 5, 7)
    assert value_region(graph, report, enlarged, 0, 2, 7) == Region(1, 3, 5, 7)


def test_what_is_not_known_yet_has_no_region() -> None:
    graph = Graph()
    image = graph.add("Input", shape=(1, 4, 4))
    conv = graph.add("Conv2d", image, out_channels=1, kernel_size=9)
    vectors = Graph()
    vector = vectors.add("ReLU", vectors.add("Input", shape=(5,)))
    assert value_region(graph, analyze(graph), conv, 0) is None
    assert value_region(vectors, analyze(vectors), vector, 0) is None
