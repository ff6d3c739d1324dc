"""Drawings by chance that can be computed, full of what makes receptive fields hard."""

from __future__ import annotations

from random import Random

from cnnstudio.graph import Graph, analyze
from cnnstudio.graph.shapes import Shape

LARGEST = 20
"""Height and width that a layer has at most: larger ones are taken back."""


def drawing(seed: int) -> Graph:
    """Up to a dozen layers of any kind, in branches that part and meet, sometimes with a vector at the end."""
    return _Pen(Random(seed)).draw()


class _Pen:
    def __init__(self, chance: Random) -> None:
        self.chance = chance
        self.graph = Graph()

    def draw(self) -> Graph:
        chance = self.chance
        shape = (chance.randint(1, 3), chance.randint(5, 12), chance.randint(5, 12))
        self.maps = [self.graph.add("Input", shape=shape)]
        for _ in range(chance.randint(3, 9)):
            chance.choice((self.layer, self.layer, self.layer, self.fork, self.meeting))()
        if chance.random() < 0.4:
            self.vectors()
        return self.graph

    def shape(self, node: str) -> Shape:
        shape = analyze(self.graph)[node].output_shape
        assert shape is not None
        return shape

    def put(self, kind: str, *sources: str, **params: object) -> str | None:
        """A layer, unless it does not fit there."""
        node = self.graph.add(kind, *sources, **params)
        shape = analyze(self.graph)[node].output_shape
        if shape is None or (len(shape) == 3 and max(shape[1:]) > LARGEST):
            self.graph.remove(node)
            return None
        return node

    def grow(self, kind: str, *sources: str, **params: object) -> None:
        node = self.put(kind, *sources, **params)
        if node is not None:
            self.maps.append(node)

    def size(self, most: int, least: int = 1) -> tuple[int, int]:
        return self.chance.randint(least, most), self.chance.randint(least, most)

    def sides(self, most: int) -> tuple[int, int, int, int]:
        return *self.size(most, 0), *self.size(most, 0)

    def source(self) -> str:
        return self.chance.choice(self.maps[-3:])

    def layer(self) -> None:
        chance, source = self.chance, self.source()
        channels = self.shape(source)[0]
        size = {"kernel_size": self.size(4), "stride": chance.choice((1, 1, 2, 3, (1, 2)))}
        kernel = {"kernel_size": (2, 3), "padding": chance.randint(0, 1), "ceil_mode": chance.random() < 0.5}
        params: dict[str, object]
        kind, params = chance.choice(
            [
                ("Conv2d", self.convolution(channels)),
                ("Conv2d", self.convolution(channels)),
                ("ConvTranspose2d", {"out_channels": 2, **size, "padding": chance.randint(0, 2)}),
                ("MaxPool2d", {**kernel, "stride": self.size(3), "dilation": self.size(2)}),
                ("AvgPool2d", {**kernel, "stride": self.size(4), "count_include_pad": chance.random() < 0.5}),
                ("StochasticPool2d", size),
                ("AdaptiveAvgPool2d", {"output_size": self.size(6)}),
                ("AdaptiveMaxPool2d", {"output_size": self.size(6)}),
                ("Pad2d", {"padding": self.sides(2), "mode": chance.choice(("zeros", "reflect", "replicate"))}),
                ("Upsample", {"scale_factor": self.size(3), "mode": chance.choice(("nearest", "bilinear"))}),
                ("LocalResponseNorm", {"size": chance.randint(1, 4)}),
                (chance.choice(("BatchNorm", "InstanceNorm", "LayerNorm", "Softmax", "Dropout", "SpatialDropout")), {}),
                (chance.choice(("ReLU", "LeakyReLU", "PReLU", "ELU", "GELU", "SiLU", "Sigmoid", "Tanh")), {}),
                (chance.choice(("Identity", "DropPath")), {}),
                ("GroupNorm", {"num_groups": channels if chance.random() < 0.5 else 1}),
            ]
        )
        self.grow(kind, source, **params)

    def convolution(self, channels: int) -> dict[str, object]:
        groups = self.chance.choice((1, 1, channels))
        return {
            "out_channels": groups * self.chance.randint(1, 2),
            "groups": groups,
            "kernel_size": self.size(3),
            "stride": self.chance.choice((1, 1, 1, 2, (2, 1), 3)),
            "dilation": self.chance.choice((1, 1, 2, (1, 3))),
            "padding": self.sides(3),
            "padding_mode": self.chance.choice(("zeros", "zeros", "zeros", "reflect", "replicate")),
        }

    def fork(self) -> None:
        """Two or three ways that keep the size and meet again, each with its own split of the padding."""
        source, chance = self.source(), self.chance
        ends = [source] if chance.random() < 0.3 else []
        for _ in range(chance.randint(2 - len(ends), 3 - len(ends))):
            (height, width), dilation = self.size(3), chance.randint(1, 2)
            rows, columns = dilation * (height - 1), dilation * (width - 1)
            top, left = chance.randint(0, rows), chance.randint(0, columns)
            end = self.put(
                "Conv2d",
                source,
                out_channels=self.shape(source)[0],
                kernel_size=(height, width),
                dilation=dilation,
                padding=(top, rows - top, left, columns - left),
            )
            assert end is not None
            ends.append(end)
        self.grow(chance.choice(("Add", "Concat")), *ends)

    def meeting(self) -> None:
        """Layers that happen to be of one size: their strides may differ."""
        first = self.source()
        same = [each for each in self.maps if self.shape(each)[1:] == self.shape(first)[1:]]
        kind = "Add" if len({self.shape(each) for each in same}) == 1 else "Concat"
        self.grow(kind, first, self.chance.choice(same))

    def vectors(self) -> None:
        chance = self.chance
        ends = [self.put("Flatten", each) for each in chance.sample(self.maps, min(2, len(self.maps)))]
        nodes = [each for each in ends if each is not None and self.shape(each)[0] <= 600]
        if not nodes:
            return
        last = self.put("Concat", *nodes) if len(nodes) == 2 else nodes[0]
        for _ in range(chance.randint(1, 3)):
            assert last is not None
            features = self.shape(last)[0]
            groups = chance.choice([each for each in range(1, 7) if features % each == 0])
            kind, params = chance.choice(
                [
                    ("GroupNorm", {"num_groups": groups}),
                    ("GroupNorm", {"num_groups": groups}),
                    ("ReLU", {}),
                    ("LayerNorm", {}),
                    ("Softmax", {}),
                    ("Linear", {"out_features": 3}),
                ]
            )
            last = self.put(kind, last, **params)
