"""How many numbers a network learns: from its settings alone, without torch."""

from __future__ import annotations

from playground.cells import CELLS
from playground.config import ModelConfig
from playground.models.gates import stack_names
from playground.records import WeightShape


def weight_shapes(config: ModelConfig, vocab_size: int) -> tuple[WeightShape, ...]:
    """Every array of a `LanguageModel`'s weights, in its own order.

    Args:
        config: The network's settings.
        vocab_size: V.
    """
    embeds, size = config.input == "embedding", config.hidden_size
    rows = len(CELLS[config.cell].gates) * size
    first = config.embedding_size if embeds else vocab_size
    both = 2 if config.bidirectional else 1
    apart = config.objective == "masked"
    slots = [(layer, way) for layer in range(config.num_layers) for way in range(both)]
    if apart:
        slots.sort(key=lambda slot: slot[1])  # one stack after the other
    shapes = [WeightShape("embed.weight", (vocab_size, first), "embedding")] if embeds else []
    for layer, way in slots:
        name = stack_names(config, layer, way)
        entering = first if layer == 0 else size * (1 if apart else both)
        shapes += [
            WeightShape(name.format("weight_ih"), (rows, entering), "input", layer, way == 1),
            WeightShape(name.format("weight_hh"), (rows, size), "recurrent", layer, way == 1),
            WeightShape(name.format("bias_ih"), (rows,), "bias", layer, way == 1),
            WeightShape(name.format("bias_hh"), (rows,), "bias", layer, way == 1),
        ]
    return (
        *shapes,
        WeightShape("head.weight", (vocab_size, size * both), "scores"),
        WeightShape("head.bias", (vocab_size,), "scores bias"),
    )
