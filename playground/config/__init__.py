"""What a run is made of: frozen, validated, and the same for address, command line, store and worker."""

from playground.config.challenge import ChallengeLimits
from playground.config.corpus import BETWEEN, NORMALIZATIONS, CorpusConfig, Normalize, TokenLevel
from playground.config.model import Cell, ModelConfig, Objective
from playground.config.run import (
    FIELDS,
    RUN_FORM,
    RunConfig,
    check,
    flatten,
    from_flat,
    one_direction,
    parse,
    parse_json,
    with_clipping,
)
from playground.config.surgery import Intervention, Surgery, parse_surgery
from playground.config.train import MAX_SEED, TrainConfig
from playground.config.write import WriteConfig

__all__ = [
    "BETWEEN",
    "FIELDS",
    "MAX_SEED",
    "NORMALIZATIONS",
    "RUN_FORM",
    "Cell",
    "ChallengeLimits",
    "CorpusConfig",
    "Intervention",
    "ModelConfig",
    "Normalize",
    "Objective",
    "RunConfig",
    "Surgery",
    "TokenLevel",
    "TrainConfig",
    "WriteConfig",
    "check",
    "flatten",
    "from_flat",
    "one_direction",
    "parse",
    "parse_json",
    "parse_surgery",
    "with_clipping",
]
