"""Challenges from the command line."""

import json

import pytest

from playground.config import ChallengeLimits, CorpusConfig
from playground.store.run_store import RunStore
from playground.training.events import EpochDone
from tests.cli.helpers import last_line
from tests.helpers import some_text, tiny_config


@pytest.fixture
def challenge(data):
    """With two runs of Mei's, one of them a trap, and one of the server's."""
    store = RunStore(data)
    text = store.library.add("Rain", some_text()).id
    made = store.challenges.make("Rain", CorpusConfig(corpus=text), 20, ChallengeLimits(most_parameters=None))
    store.people.rename("mei", "Mei")
    for owner, loss, settings in (("mei", 1.0, {}), (None, 1.5, {}), ("mei", 0.1, {"bidirectional": True})):
        id = store.create(tiny_config(corpus=text, **settings), "R", owner, made.id).id
        store.append(id, [EpochDone(1, 4, 2.0, loss, 2.5)])
    store.close()
    return made


def test_they_are_listed(cli, challenge):
    (told,) = last_line(cli("challenge", "list", "--json"))
    assert (told["id"], told["title"], told["status"]) == (challenge.id, "Rain", "open")
    assert (told["most_parameters"], told["most_minutes"], told["corpus"]["held_out"]) == (None, 3.0, 0.1)
    assert challenge.id in cli("challenge", "list").output


@pytest.mark.parametrize("name", ["latest", None])
def test_a_board_is_shown(cli, challenge, name):
    told = last_line(cli("challenge", "show", name or challenge.id, "--json"))
    # nobody trains here any more, but what was measured stays
    assert [(line["rank"], line["person"], line["perplexity"]) for line in told["board"]] == [
        (1, "Mei", "2.72"),
        (2, "the server", "4.48"),
    ]
    assert [(line["person"], line["why"]) for line in told["excluded"]] == [("Mei", "trap")]
    plain = cli("challenge", "show", challenge.id).output
    assert "Mei" in plain and "2.72" in plain and "trap" in plain


def test_without_one_it_says_how_to_make_one(cli, data):
    RunStore(data).close()
    assert "No challenge yet" in cli("challenge", "list").output
    assert json.loads(cli("challenge", "list", "--json").stdout) == []
    for name in ("latest", "nothing"):
        result = cli("challenge", "show", name)
        assert result.exit_code == 2 and "There is no challenge" in result.output
