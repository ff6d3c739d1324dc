"""Where the time goes: arrays in, arrays out, channels last. `parallel` shares the work among threads."""

from __future__ import annotations
