"""Every cell with everything that it can squash with: who adds a cell is held to the same laws."""

from playground.cells import CELLS

KINDS = [(name, nonlinearity) for name, cell in CELLS.items() for nonlinearity in cell.nonlinearities]
