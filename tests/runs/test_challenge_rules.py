"""What counts in a challenge, sentence by sentence, and who is ahead."""

import math
from dataclasses import replace

import pytest

from playground.config import CorpusConfig
from playground.errors import ConfigError, LimitReached
from playground.records import Challenge, Entry, Exclusion, RunRecord, RunStatus, TrainingFacts
from playground.runs.challenge_rules import exclusion, parameters_of, ranking, refusal, require_allowed, shown
from tests.helpers import make_trainer, tiny_config

CORPUS = CorpusConfig(corpus="rain", held_out=0.2)
CHALLENGE = Challenge("ab12", "Rain", CORPUS, 20, 1_000, 3.0, 10.0, None)


def run(owner: str | None = "mei", parameters: int | None = 900, **more: object) -> RunRecord:
    settings = {"corpus": "rain", "held_out": 0.2} | {
        name: more.pop(name) for name in list(more) if name not in RunRecord.__dataclass_fields__
    }
    facts = None
    if parameters is not None:
        facts = TrainingFacts("cpu", "a cpu", 1, "2", parameters, 20, 4, 80, 20)
    plain = {
        "id": "r",
        "name": "R",
        "status": RunStatus.RUNNING,
        "reason": None,
        "created_at": 20.0,
        "revision": 0,
        "step": 9,
        "epoch": 2.0,
        "seconds": 60.0,
        "tokens": 90,
        "train_loss": 1.0,
        "heldout_loss": 1.0,
        "step_loss": 1.0,
        "speed": 9.0,
        "max_grad_norm": 1.0,
    }
    return RunRecord(**{**plain, "config": tiny_config(**settings), "facts": facts, "owner": owner, **more})


def entry(perplexity: float | None = 4.0, seconds: float = 50.0, **more: object) -> Entry:
    loss = None if perplexity is None else math.log(perplexity)
    return Entry(run(**more), loss, None if loss is None else seconds)


def why(told: Entry, challenge: Challenge = CHALLENGE) -> Exclusion | None:
    found = exclusion(challenge, told)
    return None if found is None else found[0]


def test_a_run_within_its_limits_counts():
    assert why(entry()) is None
    assert why(entry(parameters=1_000)) is None
    assert why(entry(status=RunStatus.STOPPED)) is None


def test_a_run_that_goes_on_after_its_time_keeps_what_it_reached_in_time():
    late = replace(entry(), run=replace(run(), seconds=900.0))
    assert why(late) is None


def test_a_changed_held_out_part_does_not_count_and_is_told_with_both():
    found = exclusion(CHALLENGE, entry(held_out=0.4))
    assert found == (Exclusion.HELD_OUT, {"part": "0.4", "fixed": "0.2"})


@pytest.mark.parametrize(
    "settings",
    [
        {"corpus": "other"},
        {"token_level": "word"},
        {"normalize": "letters"},
        {"max_tokens": 500},
        {"max_vocab": 10},
    ],
)
def test_another_text_or_other_tokens_do_not_count(settings):
    assert why(entry(**settings)) is Exclusion.DATA


def test_who_has_seen_the_next_token_does_not_count_nor_who_fills_in_blanks():
    assert why(entry(bidirectional=True)) is Exclusion.TRAP
    assert why(entry(bidirectional=True, objective="masked")) is Exclusion.BLANKS


def test_more_parameters_than_allowed_do_not_count_and_are_told():
    assert exclusion(CHALLENGE, entry(parameters=1_001)) == (
        Exclusion.PARAMETERS,
        {"parameters": "1,001", "most": "1,000"},
    )
    assert why(entry(parameters=10**7), replace(CHALLENGE, most_parameters=None)) is None


def test_what_is_not_measured_yet_may_still_count_until_its_time_or_it_is_over():
    assert why(entry(None)) is None
    assert why(entry(None, parameters=None, status=RunStatus.QUEUED)) is None
    late = Entry(replace(run(), seconds=180.1), None, None)
    assert exclusion(CHALLENGE, late) == (Exclusion.LATE, {"minutes": "3"})
    assert why(late, replace(CHALLENGE, most_minutes=None)) is None
    for status in (RunStatus.STOPPED, RunStatus.FAILED, RunStatus.DIVERGED):
        assert why(entry(None, status=status)) is Exclusion.UNMEASURED
    for seconds in (9.0, 900.0):
        told = entry(None, status=RunStatus.RUNNING)
        told = replace(told, run=replace(told.run, seconds=seconds))
        assert why(told, replace(CHALLENGE, ended_at=99.0)) is Exclusion.ENDED


def order(*entries: Entry) -> list[str | None]:
    return [line.owner for line in ranking(entries)]


def test_the_lowest_perplexity_leads():
    assert order(entry(5.0, owner="ali"), entry(4.0, owner="mei")) == ["mei", "ali"]


def test_ties_as_shown_go_to_fewer_parameters_then_to_less_time():
    small, large = entry(4.004, owner="ali", parameters=500), entry(4.001, owner="mei", parameters=900)
    assert shown(small) == shown(large) == "4.00"
    assert order(large, small) == ["ali", "mei"]
    quick, slow = entry(4.004, 20.0, owner="ali"), entry(4.001, 30.0, owner="mei")
    assert order(slow, quick) == ["ali", "mei"]
    assert order(entry(4.02, owner="ali", parameters=5), entry(4.01, owner="mei")) == ["mei", "ali"]


def test_one_line_a_person_with_their_best_first():
    lines = ranking(
        [entry(6.0, owner="mei"), entry(4.0, owner="mei"), entry(None, owner="mei"), entry(5.0, owner=None)]
    )
    assert [(line.rank, line.owner, [shown(e) for e in line.entries]) for line in lines] == [
        (1, "mei", ["4.00", "6.00", "–"]),
        (2, None, ["5.00"]),
    ]


def test_who_is_not_measured_yet_stands_last_and_has_no_rank():
    lines = ranking([entry(None, owner="zoe", parameters=None), entry(9.0, owner="mei")])
    assert [(line.rank, line.owner) for line in lines] == [(1, "mei"), (None, "zoe")]


def test_a_refused_network_is_told_with_the_largest_that_fits_and_that_one_does():
    config = tiny_config(corpus="rain", hidden_size=64, cell="gru", num_layers=2, input="embedding")
    with pytest.raises(LimitReached) as refused:
        require_allowed(replace(CHALLENGE, most_parameters=9_000), config)
    params = refused.value.params
    assert params["needed"] == parameters_of(CHALLENGE, config) > params["most"] == 9_000

    def size(hidden: int) -> int:
        return parameters_of(
            CHALLENGE,
            config.model_copy(update={"model": config.model.model_copy(update={"hidden_size": hidden})}),
        )

    assert size(params["hidden"]) <= 9_000 < size(params["hidden"] + 1)
    require_allowed(replace(CHALLENGE, most_parameters=params["needed"]), config)
    require_allowed(replace(CHALLENGE, most_parameters=None), config)


def test_where_not_even_the_fewest_units_fit_another_way_is_told():
    with pytest.raises(LimitReached, match="Not even with the fewest hidden units"):
        require_allowed(replace(CHALLENGE, most_parameters=100), tiny_config(corpus="rain", hidden_size=64))


@pytest.mark.parametrize("cell", ["rnn", "gru", "lstm"])
def test_parameters_are_counted_as_the_network_has_them(cell):
    config = tiny_config(cell=cell, num_layers=2, hidden_size=12)
    trainer = make_trainer(config)
    told = replace(CHALLENGE, vocab_size=len(trainer.text.vocab))
    assert parameters_of(told, config) == trainer.facts.parameters


def test_a_set_up_on_another_text_starts_in_no_challenge():
    with pytest.raises(ConfigError, match="'Rain' is on another text"):
        require_allowed(CHALLENGE, tiny_config(corpus="the_tide_clock"))
    assert refusal(CHALLENGE, tiny_config(corpus="the_tide_clock")) is not None
    free = replace(CHALLENGE, most_parameters=None)
    require_allowed(free, tiny_config(corpus="rain", held_out=0.4))  # it starts, and does not count
