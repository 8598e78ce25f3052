"""The Train page with a challenge's link: what is fixed, what is told, what is refused."""

import pytest

from playground.config import ChallengeLimits, CorpusConfig
from playground.records import MACHINE, RunStatus
from playground.runs.challenge_rules import parameters_of, refusal
from tests.helpers import some_text, tiny_config, until
from tests.pages.helpers import linked, said, sent
from tests.people import ALI, MEI, TEACHER

SMALL = {
    "cell": "rnn",
    "input": "one-hot",
    "hidden_size": 8,
    "batch_size": 2,
    "num_steps": 5,
    "epochs": 1,
    "device": "cpu",
    "threads": 1,
}


@pytest.fixture
def server(seen_by):
    return seen_by(MEI)


@pytest.fixture
def challenge(manager, server):
    """On a text of the machine's owner, with 4,000 parameters."""
    text = manager.store.library.add("Some text", some_text(600)).id
    data = CorpusConfig(corpus=text, held_out=0.2, max_tokens=500)
    return server.challenges.make(MACHINE, "The *long* rain", data, ChallengeLimits(most_parameters=4_000))


def entries(server, challenge):
    return server.manager.store.challenges.entries(challenge.id)


def field(app, key):
    return next(field for kind in (app.selectbox, app.number_input) for field in kind if field.key == key)


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_link_fixes_the_text_and_leaves_the_rest_free(page, server, challenge, lang):
    app = page(challenge=challenge.id, lang=lang, held_out=0.5, token_level="word", **SMALL)
    words = linked(app)
    assert (words["corpus"], words["held_out"], words["max_tokens"]) == (
        challenge.corpus.corpus,
        "0.2",
        "500",
    )
    assert "token_level" not in words and words["cell"] == "rnn"
    assert (
        field(app, "corpus").disabled and field(app, "held_out").disabled and field(app, "max_vocab").disabled
    )
    assert not field(app, "hidden_size").disabled
    assert "pasted" not in {area.key for area in app.text_area}
    told = said(app)
    assert r"The \*long\* rain" in told and "4,000" in told and challenge.title not in told
    assert ("fixed" in told) is (lang == "en") and ("固定" in told) is (lang == "zh")
    count = parameters_of(challenge, tiny_config(cell="rnn"))
    assert (
        f"This set-up has {count} parameters." if lang == "en" else f"这组设置有 {count} 个参数。"
    ) in told


def test_a_start_is_measured_ranked_and_stays_in_the_challenge(page, server, challenge):
    app = page(challenge=challenge.id, **SMALL)
    app.button(key="start").click().run()
    assert not app.exception
    (entry,) = entries(server, challenge)
    assert (entry.run.owner, entry.run.config.corpus) == (MEI, challenge.corpus)
    assert linked(app)["challenge"] == challenge.id and linked(app)["run"] == entry.run.id
    until(lambda: server.manager.store.get(entry.run.id).status is RunStatus.FINISHED)
    (line,) = server.challenges.board(server.classroom.person(ALI), challenge.id).lines
    assert line.rank == 1 and not line.is_own


def test_a_preset_or_a_runs_settings_change_no_text(page, server, challenge, trained):
    other = trained()
    app = page(challenge=challenge.id, run=other)
    assert linked(app)["corpus"] == challenge.corpus.corpus
    app.button(key="reuse").click().run()
    assert linked(app)["corpus"] == challenge.corpus.corpus and linked(app)["held_out"] == "0.2"


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_network_that_is_too_large_is_told_before_start_and_refused(page, server, challenge, lang):
    app = page(challenge=challenge.id, lang=lang, **{**SMALL, "hidden_size": 64})
    refused = refusal(challenge, tiny_config(corpus=challenge.corpus.corpus, cell="rnn", hidden_size=64))
    most = f"{refused.params['hidden']:,}"
    (warning,) = [w.value for w in app.warning]
    assert "4,000" in warning and most in warning
    app.button(key="start").click().run()
    assert entries(server, challenge) == [] and "run" not in linked(app)
    (error,) = [e.value for e in app.error]
    assert error == warning and not app.warning  # once
    assert ("fits" in error) is (lang == "en")


@pytest.mark.parametrize(("more", "word"), [({}, "trap"), ({"objective": "masked"}, "another task")])
def test_two_directions_are_told_not_to_count_and_stand_below_the_board(page, server, challenge, more, word):
    app = page(challenge=challenge.id, bidirectional="true", **more, **SMALL)
    assert word in said(app) and "will not count" in said(app)
    app.button(key="start").click().run()
    board = server.challenges.board(server.classroom.person(MEI), challenge.id)
    assert board.lines == () and len(board.excluded) == 1


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_board_stands_below_with_the_n_grams_and_words_for_all_that_its_route_tells(
    page, server, challenge, lang
):
    app = page(challenge=challenge.id, lang=lang)
    data = sent(app, "challenge")
    assert data["path"] == f"/api/challenges/{challenge.id}/board" and not data["is_large"]
    perplexities = [rung["perplexity"] for rung in data["rungs"]]
    assert len(perplexities) > 1 and min(perplexities) == perplexities[-1]
    labels = data["labels"]
    assert set(labels["statuses"]) == set(RunStatus)
    assert {"trap", "held_out", "parameters", "late"} <= set(labels["reasons"])
    assert (labels["open"] == "Open") is (lang == "en")


def test_an_ended_one_is_told_its_board_stays_and_the_page_works_as_usual(page, server, challenge):
    server.challenges.end(MACHINE, challenge.id)
    app = page(challenge=challenge.id, **SMALL, corpus=challenge.corpus.corpus)
    assert "This challenge has ended." in said(app) and not field(app, "held_out").disabled
    assert "held_out" not in linked(app) and sent(app, "challenge")
    app.button(key="start").click().run()
    assert entries(server, challenge) == [] and linked(app)["run"]


def test_a_press_after_the_end_starts_nothing_and_says_so(page, server, challenge):
    app = page(challenge=challenge.id, **SMALL)
    server.challenges.end(MACHINE, challenge.id)
    app.button(key="start").click().run()
    assert server.manager.store.all() == [] and not app.error and not app.info
    (told,) = [w.value for w in app.warning]
    assert "has ended meanwhile" in told and not field(app, "corpus").disabled
    app.run()
    assert not app.warning and "Start trains as usual" in said(app)


def test_what_makes_it_not_count_is_told_before_its_size(page, server, challenge):
    app = page(challenge=challenge.id, bidirectional="true", **{**SMALL, "hidden_size": 64})
    first, second = [w.value for w in app.warning]
    assert "will not count" in first and "4,000" in second
    app.button(key="start").click().run()
    (first,), (error,) = [w.value for w in app.warning], [e.value for e in app.error]
    assert "will not count" in first and "4,000" in error


@pytest.mark.parametrize("size", [8, 64])
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_its_box_says_every_limit_whatever_the_set_up(page, server, challenge, lang, size):
    told = said(page(challenge=challenge.id, lang=lang, **{**SMALL, "hidden_size": size}))
    for part in (
        ("At most 4,000 parameters.", "within 3 min of training", "both sides")
        if lang == "en"
        else ("4,000", "3 分钟", "从两边读")
    ):
        assert part in told


@pytest.mark.parametrize("id", ["nothing", "*bold*"])
def test_an_unknown_one_is_one_sentence_and_the_page_works_as_usual(page, server, id):
    app = page(challenge=id)
    assert "There is no challenge" in said(app) and "challenge" not in linked(app)
    assert not [p for p in app.get("bidi_component") if p.proto.component_name == "challenge"]
    assert not field(app, "corpus").disabled


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_whoever_is_about_to_delete_a_run_is_told_that_it_goes_from_an_open_board(
    page, server, challenge, lang
):
    store = server.manager.store
    id = store.create(tiny_config(corpus=challenge.corpus.corpus), "Mine", MEI, challenge.id).id
    store.set_status(id, RunStatus.STOPPED)
    told = "goes from the board" if lang == "en" else "排行榜上也会消失"
    app = page(run=id, lang=lang)
    assert told in said(app) and r"The \*long\* rain" in said(app)
    server.challenges.end(MACHINE, challenge.id)
    assert told not in said(app.run())


def test_who_leaves_trains_as_usual(page, server, challenge):
    app = page(challenge=challenge.id, **SMALL)
    app.button(key="leave_challenge").click().run()
    assert "challenge" not in linked(app) and not field(app, "corpus").disabled
    app.button(key="start").click().run()
    assert entries(server, challenge) == [] and linked(app)["run"]


def test_what_the_teacher_shows_brings_a_student_into_the_challenge(page, seen_by, challenge):
    server = seen_by(TEACHER)
    server.stage.show(server.classroom.person(TEACHER), "train", {"challenge": challenge.id})
    seen_by(ALI)
    app = page()
    assert r"The \*long\* rain" in said(app)
    app.button(key="come_along").click().run()
    app.run()
    assert linked(app)["challenge"] == challenge.id and field(app, "corpus").disabled


def keys(app) -> set[str]:
    return {button.key for button in app.button}


def shown_to(page, seen_by, who, words, **link):
    """A page of somebody's while a challenge is shown with these words."""
    server = seen_by(TEACHER)
    server.stage.show(server.classroom.person(TEACHER), "train", words)
    seen_by(who)
    return page(**link)


def test_who_is_in_the_challenge_that_is_shown_is_along_whatever_they_set_and_start(page, seen_by, challenge):
    words = {"challenge": challenge.id}
    app = shown_to(page, seen_by, ALI, words, **SMALL)
    app.button(key="come_along").click().run()
    app.run()
    assert "come_along" not in keys(app)
    field(app, "hidden_size").set_value(16).run()
    assert linked(app)["hidden_size"] == "16" and "come_along" not in keys(app)
    app.button(key="go_back").click().run()
    app.run()
    assert "challenge" not in linked(app) and linked(app)["hidden_size"] == "8"
    assert "come_along" in keys(app)
    app = page(**SMALL, **words)  # by its link
    app.button(key="start").click().run()
    assert linked(app)["run"] and "come_along" not in keys(app)


def test_a_challenge_that_is_shown_with_a_set_up_calls_until_somebody_has_come_along(
    page, seen_by, challenge
):
    app = shown_to(page, seen_by, ALI, {"challenge": challenge.id, "cell": "gru"}, challenge=challenge.id)
    app.button(key="come_along").click().run()
    app.run()
    assert linked(app)["cell"] == "gru" and "come_along" not in keys(app)
    field(app, "hidden_size").set_value(16).run()
    assert "come_along" not in keys(app)
    app.button(key="leave_challenge").click().run()
    assert "come_along" in keys(app)


def test_who_looks_at_the_run_that_is_shown_is_along_whatever_they_set(page, seen_by, trained):
    run = trained()
    app = shown_to(page, seen_by, ALI, {"run": run})
    app.button(key="come_along").click().run()
    app.run()
    field(app, "hidden_size").set_value(16).run()
    assert "come_along" not in keys(app)
