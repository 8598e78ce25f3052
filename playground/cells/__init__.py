"""The recurrent cells, one file each: adding a file adds a cell.

A cell's file holds a `CellSpec` called `CELL`; everything else (settings, networks, replay, figures, pages,
command line) looks it up here by its name and knows no cell of its own.
"""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules

from playground.cells.spec import (
    HIDDEN,
    SIGMOID,
    TANH,
    CellSpec,
    CellStep,
    Quantity,
    StepGradients,
    StepNumbers,
)

__all__ = [
    "CELLS",
    "HIDDEN",
    "SIGMOID",
    "TANH",
    "CellSpec",
    "CellStep",
    "Quantity",
    "StepGradients",
    "StepNumbers",
]


def _cells_of_this_folder() -> dict[str, CellSpec]:
    modules = (import_module(f"{__name__}.{module.name}") for module in iter_modules(__path__))
    cells: list[CellSpec] = [module.CELL for module in modules if hasattr(module, "CELL")]
    cells.sort(key=lambda cell: (len(cell.gates), cell.name))
    by_name = {cell.name: cell for cell in cells}
    if len(by_name) < len(cells):
        raise ValueError(f"two cells have one name: {[cell.name for cell in cells]}")
    return by_name


CELLS = _cells_of_this_folder()
"""Every cell by its name, from the fewest gates to the most."""
