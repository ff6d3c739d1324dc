"""Windows that ask or tell something and go away."""

from __future__ import annotations
