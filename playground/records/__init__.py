"""Plain results that travel between the engine and the pages: no torch, no plotly."""

from playground.records.gates import (
    GATES,
    KEEPERS,
    SIGMOIDS,
    Array,
    Contrast,
    GateStrip,
    GateTrace,
    LayerTrace,
    Saturation,
)
from playground.records.runs import (
    ACTIVE,
    RESUMABLE,
    CheckpointRecord,
    CorpusInfo,
    History,
    Machine,
    Reason,
    RunRecord,
    RunStatus,
    Sample,
    perplexity,
)

__all__ = [
    "ACTIVE",
    "GATES",
    "KEEPERS",
    "RESUMABLE",
    "SIGMOIDS",
    "Array",
    "CheckpointRecord",
    "Contrast",
    "CorpusInfo",
    "GateStrip",
    "GateTrace",
    "History",
    "LayerTrace",
    "Machine",
    "Reason",
    "RunRecord",
    "RunStatus",
    "Sample",
    "Saturation",
    "perplexity",
]
