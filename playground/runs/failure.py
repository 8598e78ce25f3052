"""Why a run failed, in a sentence that says what to do: the same wherever it was trained."""

from __future__ import annotations

import errno
import sys

from playground.errors import OutOfMemory, PlaygroundError, gettext_noop
from playground.reasons import reason_of
from playground.records import Reason

NO_MEMORY = gettext_noop(
    "Memory ran out. Choose fewer hidden units, a smaller batch or fewer steps, then start again."
)
_ALLOCATORS = ("allocate memory", "out of memory", "not enough memory", "alloc_failed", "bad_alloc")
"""What allocators say, of the CPU (a plain RuntimeError), CUDA's libraries and C++."""


def failure_reason(error: Exception) -> Reason:
    """What a person reads about what ended a run."""
    if isinstance(error, PlaygroundError):
        return Reason(error.message, error.params, resume=not error.is_final)
    if is_out_of_memory(error):
        return Reason(NO_MEMORY, resume=False)
    first = reason_of(error).strip().splitlines()[:1] or [""]
    return Reason(
        "Training failed: {kind}: {what}. The log has the details.",
        {"kind": type(error).__name__, "what": first[0][:200]},
    )


def is_out_of_memory(error: Exception) -> bool:
    """The machine, or its accelerator, had no more memory to give."""
    torch = sys.modules.get("torch")  # whoever has not imported it cannot have run out of its memory
    if isinstance(error, MemoryError) or (isinstance(error, OSError) and error.errno == errno.ENOMEM):
        return True
    if isinstance(error, OutOfMemory) or (torch and isinstance(error, torch.OutOfMemoryError)):
        return True
    return isinstance(error, RuntimeError) and any(words in str(error).lower() for words in _ALLOCATORS)
