"""Everything beside the weights that decides the next step, as a flat dict of CPU tensors.

Flat and tensors only, so that it fits into a safetensors file.
"""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor, nn

from playground.models.language_model import State


def copy_weights(model: nn.Module) -> dict[str, Tensor]:
    """The model's weights under its own names, copied to the CPU."""
    return {name: _copy(value) for name, value in model.state_dict().items()}


def capture(
    optimizer: torch.optim.Optimizer,
    sampler: torch.Generator,
    sampler_start: Tensor,
    state: State | None,
    device: torch.device,
) -> dict[str, Tensor]:
    """Copy optimiser, random-number and carried recurrent states.

    Args:
        optimizer: The optimiser, with its tensors of each parameter.
        sampler: The generator that draws the batches.
        sampler_start: The state that the sampler had when the epoch under way began.
        state: Carried recurrent state, if any.
        device: The device whose random numbers dropout uses.
    """
    kept = {
        "rng.torch": torch.get_rng_state(),
        "rng.sampler": sampler.get_state(),
        "rng.sampler_start": sampler_start.clone(),
    }
    if device.type == "cuda":
        kept["rng.cuda"] = torch.cuda.get_rng_state(device)
    elif device.type == "mps":
        kept["rng.mps"] = torch.mps.get_rng_state()
    for i, values in optimizer.state_dict()["state"].items():
        kept |= {f"optimizer.{i}.{name}": _copy(value) for name, value in values.items() if value is not None}
    if state is not None:
        parts = state if isinstance(state, tuple) else (state,)
        kept |= {f"state.{i}": _copy(part) for i, part in enumerate(parts)}
    return kept


def restore(
    kept: Mapping[str, Tensor],
    optimizer: torch.optim.Optimizer,
    sampler: torch.Generator,
    device: torch.device,
) -> State | None:
    """Put everything back where `capture` took it; return the carried recurrent state."""
    torch.set_rng_state(kept["rng.torch"])
    sampler.set_state(kept["rng.sampler"])
    if device.type == "cuda" and "rng.cuda" in kept:
        torch.cuda.set_rng_state(kept["rng.cuda"], device)
    elif device.type == "mps" and "rng.mps" in kept:
        torch.mps.set_rng_state(kept["rng.mps"])
    whole = optimizer.state_dict()
    per_parameter: dict[int, dict[str, Tensor]] = {}
    for key, value in kept.items():
        if key.startswith("optimizer."):
            _, i, name = key.split(".", 2)
            per_parameter.setdefault(int(i), {})[name] = value.clone()
    whole["state"] = per_parameter
    optimizer.load_state_dict(whole)
    # copies: a tensor read from a file lies at any address, and unaligned ones add up in another order
    parts = [kept[key].to(device, copy=True) for key in ("state.0", "state.1") if key in kept]
    if not parts:
        return None
    return (parts[0], parts[1]) if len(parts) == 2 else parts[0]


def _copy(value: Tensor) -> Tensor:
    return value.detach().to("cpu", copy=True).contiguous()
