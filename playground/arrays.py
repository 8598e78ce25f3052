"""The type of every array of the engine."""

from __future__ import annotations

from typing import Any

from numpy.typing import NDArray

Array = NDArray[Any]
"""float32 or float64, as the weights are, unless a docstring says otherwise."""
