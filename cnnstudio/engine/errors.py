"""What can go wrong in the engine; every message is one sentence that names the place and the remedy."""

from __future__ import annotations


class EngineError(ValueError):
    """Base of the engine's errors."""


class InputError(EngineError):
    """Images or labels do not fit the network."""


class LayerError(EngineError):
    """A layer cannot work on what arrives: wrong rank, size, or too few values."""


class NetworkError(EngineError):
    """The nodes do not form a network: missing or doubled ids, a cycle, no input."""


class StateError(EngineError):
    """Arrays to load do not fit the network: names missing, unknown, or of another shape."""


class Interrupted(Exception):  # noqa: N818 - no error: somebody wanted it
    """A pass was called off between two layers; parameters are as they were before it."""


class ConfigError(EngineError):
    """A training setting is unknown or out of range."""
