"""Long curves → as many points as a screen can show, with every peak and valley."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from tsdownsample import MinMaxLTTBDownsampler

Column = NDArray[np.float64]


def thin(columns: Sequence[Column], most: int) -> list[Column]:
    """Keep about `most` of the rows: those that shape the curves.

    Args:
        columns: The x values, then curves over them; equal lengths, oldest first.
        most: Rows to keep for each curve's sake; two curves can together keep more.
    """
    length = len(columns[0])
    if length <= most:
        return list(columns)
    each = max(4, most // (len(columns) - 1))
    kept = [np.array([0, length - 1], dtype=np.intp)]
    for curve in columns[1:]:
        finite = np.nan_to_num(np.log(np.maximum(curve, 1e-12)), nan=0.0, posinf=700.0)
        shaping = MinMaxLTTBDownsampler().downsample(
            finite, n_out=each
        )  # unsigned: no index beside signed ones
        kept += [shaping.astype(np.intp), np.array([finite.argmin(), finite.argmax()], dtype=np.intp)]
    rows = np.unique(np.concatenate(kept))
    return [column[rows] for column in columns]
