"""Every state of the Basics page's lessons about counting, without a browser."""

from __future__ import annotations

import json
import time

import pytest
from streamlit.testing.v1 import AppTest

from pages.shared import address
from pages.shared.i18n import catalogue
from playground.config import CorpusConfig, WriteConfig
from playground.format import number
from playground.services import ngrams as module
from playground.services.ngrams import NgramService
from tests.helpers import some_text
from tests.pages.helpers import choose, linked, said


@pytest.fixture
def basics(manager, page):
    """Opens a lesson on a small text; `held_out`, `normalize` … as in a link."""
    corpus = manager.store.library.add("Some text", some_text(1_500)).id

    def open_lesson(view: str, **link: object) -> AppTest:
        return page("basics", **({"view": view, "corpus": corpus} | link))

    return open_lesson


@pytest.fixture
def ngram_service(manager) -> NgramService:
    return NgramService(manager.store.library)


def charts(app) -> list[dict]:
    return [json.loads(chart.proto.spec) for chart in app.get("plotly_chart")]


def config_of(app, **more: object) -> CorpusConfig:
    return CorpusConfig(corpus=linked(app)["corpus"], **more)


def metrics(app) -> dict[str, str]:
    return {metric.label: metric.value for metric in app.metric}


def test_the_usual_text_needs_no_run_and_no_link(page):
    app = page("basics")
    assert len(app.dataframe) == 1
    assert not app.warning
    assert not app.error


# Markov ------------------------------------------------------------------------------------------


def test_the_ladder_is_drawn_with_its_verdict(basics, ngram_service):
    app = basics("markov")
    ladder = ngram_service.ladder(config_of(app))
    chart, _counts = charts(app)
    assert chart["data"][0]["y"] == pytest.approx(ladder.train)
    assert chart["data"][1]["y"] == pytest.approx(ladder.heldout)
    assert f"The {ladder.best}-gram guesses the held-out text best: {min(ladder.heldout):.3g}" in said(app)


def test_a_text_that_repeats_itself_has_no_memory_too_long(basics, manager):
    corpus = manager.store.library.add("Again", "abcdefgaab" * 200).id
    assert "The longest memory still guesses" in said(basics("markov", corpus=corpus))


def test_every_memory_writes_on_from_the_same_words_with_the_same_seed(basics, ngram_service):
    app = basics("markov", seed=5, temperature=0.5)
    config, settings = config_of(app), WriteConfig(length=160, temperature=0.5, seed=5)
    begun = ngram_service.opening(config)
    assert [block.value for block in app.code] == [
        begun + ngram_service.write(config, n, settings) for n in range(1, 8)
    ]


def test_another_seed_writes_other_texts_and_stands_in_the_link(basics, monkeypatch):
    app = basics("markov")
    before = [block.value for block in app.code]
    app.button(key="markov_again").click().run()
    assert linked(app)["seed"] != "0"
    assert [block.value for block in app.code] != before
    monkeypatch.setattr(address, "monotonic", lambda: time.monotonic() + 1)  # no hand is faster
    app.number_input(key="markov_seed").set_value(0).run()
    assert [block.value for block in app.code] == before
    assert "seed" not in linked(app)


@pytest.mark.parametrize(("name", "value"), [("seed", "-4"), ("temperature", "99"), ("temperature", "nan")])
def test_a_setting_of_writing_outside_its_range_is_told(basics, name, value):
    app = basics("markov", **{name: value})
    assert "The usual value is used instead." in said(app)
    assert len(app.code) == 7


def test_words_are_joined_by_spaces(basics, ngram_service):
    app = basics("markov", token_level="word")
    config = config_of(app, token_level="word")
    assert app.code[0].value.startswith(ngram_service.opening(config) + " ")


def test_the_counts_behind_a_guess_are_those_of_the_last_tokens(basics, ngram_service):
    app = basics("markov", text="tide clo", n=3)
    followers = ngram_service.followers(config_of(app), "tide clo", 3)
    assert followers.history == ("l", "o")
    assert f"“lo” came {followers.seen} times, and 1 different tokens followed" in said(app)
    bars = charts(app)[1]["data"][0]
    assert bars["x"][0] == pytest.approx(followers.likeliest[0].probability)
    app.slider(key="markov_n").set_value(1).run()
    assert "With n = 1 nothing is remembered" in said(app)
    assert linked(app)["n"] == "1"


def test_a_history_that_was_never_seen_is_told_with_how_much_of_it_was(basics):
    app = basics("markov", text="xyz tid", n=7)
    assert "“yz␣tid” was never seen in the text that was counted; its last 4 tokens were." in said(app)


def test_markup_in_a_history_stays_text(basics):
    app = basics("markov", n=7)
    app.text_area(key="markov_text").set_value("![x](").run()
    assert "“!\\[x\\](” was never seen" in said(app)
    assert linked(app)["text"] == "![x]("


def test_tokens_that_the_text_does_not_have_are_named(basics):
    assert "<unk>: “é” is not among the text's tokens" in said(basics("markov", text="tidé", n=3))


def test_a_history_may_be_empty_or_too_long(basics):
    app = basics("markov", text="a" * 401)
    assert "The text has 401 tokens; at most 400" in said(app)
    app = basics("markov")
    app.text_area(key="markov_text").set_value("").run()
    assert "With n = 1 nothing is remembered" in said(app)


# the choice of a text ----------------------------------------------------------------------------


@pytest.mark.parametrize("view", ["markov", "zipf", "perplexity"])
def test_every_choice_of_a_text_is_in_the_link_and_comes_from_it(basics, view):
    app = basics(view, normalize="letters", max_tokens="500")
    key = {"perplexity": "chain"}.get(view, view)
    assert app.number_input(key=f"{key}_max_tokens").value == 500
    choose(app, f"{key}_normalize", "spaced")
    assert linked(app)["normalize"] == "spaced"
    choose(app, f"{key}_normalize", "none")
    assert "normalize" not in linked(app)
    app.selectbox(key=f"{key}_corpus").set_value("the_tide_clock").run()
    assert "corpus" not in linked(app)
    assert not app.exception


def test_without_held_out_text_the_page_says_what_to_do(basics):
    app = basics("markov", held_out="0")
    assert "Nothing is held out" in said(app)
    assert [line["name"] for line in charts(app)[0]["data"]] == ["train: the text that was counted"]
    app.number_input(key="markov_held_out").set_value(0.2).run()
    assert linked(app)["held_out"] == "0.2"
    assert "guesses the held-out text best" in said(app) or "longest memory" in said(app)


@pytest.mark.parametrize(
    ("link", "sentence"),
    [
        ({"held_out": "0.9"}, "Held-out part is '0.9'; give a number from 0 to 0.5."),
        ({"max_tokens": "4"}, "give a whole number from 100 to 20,000,000, or off."),
        ({"normalize": "big"}, "choose one of none, letters, spaced."),
        ({"corpus": "![](x)"}, "The link names the text '!\\[\\](x)', which is not here."),
        ({"corpus": "x" * 99}, "give a text of 1 to 80 characters"),
    ],
)
def test_what_a_link_asks_for_and_cannot_have_is_told(basics, link, sentence):
    app = basics("markov", **link)
    assert sentence in said(app)
    assert "The usual value is used instead." in said(app)
    assert len(charts(app)) == 2


@pytest.mark.parametrize("view", ["markov", "zipf", "perplexity"])
def test_the_book_has_to_be_fetched_first(basics, view, monkeypatch):
    monkeypatch.delenv("PLAYGROUND_CORPORA", raising=False)
    app = basics(view, corpus="time_machine")
    assert app.button(key="fetch")
    assert not app.get("plotly_chart")
    assert not app.error


@pytest.mark.parametrize("view", ["markov", "zipf", "perplexity"])
def test_a_text_that_is_too_large_is_one_sentence(basics, view, monkeypatch):
    monkeypatch.setattr(module, "MOST_BYTES", 100)
    app = basics(view)
    assert [error.value for error in app.error] == [app.error[0].value]
    assert "too varied to be counted whole" in said(app)


def test_a_text_without_letters_says_what_to_choose(basics, manager):
    corpus = manager.store.library.add("Digits", "123 456 " * 30).id
    app = basics("markov", corpus=corpus, normalize="letters")
    assert "has no letters a-z" in said(app)


# the chain rule ----------------------------------------------------------------------------------


def test_a_sentence_is_worked_out_token_by_token(basics, ngram_service):
    app = basics("perplexity", text="tide clock", n=2)
    trace = ngram_service.surprise(config_of(app), "tide clock", 2)
    table = app.dataframe[0].value
    assert table["token"].tolist() == [*"tide", "␣", *"clock"]
    assert table.iloc[0, 1:3].tolist() == ["–", "–"]
    assert [float(p) for p in table.iloc[1:, 1]] == pytest.approx(trace.probabilities[1:].tolist(), rel=1e-3)
    assert [float(b) for b in table.iloc[1:, 2]] == pytest.approx(trace.bits[1:].tolist(), rel=1e-3)
    assert float(table.iloc[-1, 3]) == pytest.approx(trace.total_bits, abs=0.01)
    formulas = [formula.value for formula in app.get("latex")]
    assert any(rf"\tfrac{{{trace.total_bits:.4g}}}{{9}}" in formula for formula in formulas)
    assert any(rf"\mathbf{{{trace.perplexity:.4g}}}" in formula for formula in formulas)
    assert f"V = {len(ngram_service.vocab(config_of(app)))} is guessing" in said(app)


def test_dragging_a_probability_changes_the_figures_and_keeps_the_old_ones_beside(basics, ngram_service):
    app = basics("perplexity", text="tide clock", n=2)
    trace = ngram_service.surprise(config_of(app), "tide clock", 2)
    assert metrics(app)["perplexity"] == f"{trace.perplexity:.4g}"
    assert app.selectbox(key="chain_at").value == trace.dearest
    app.select_slider(key="chain_p").set_value(0.5).run()
    other = trace.with_probability(trace.dearest, 0.5)
    assert metrics(app) == {
        "bits together": f"{other.total_bits:.4g}",
        "cross-entropy: bits a token": f"{other.mean_bits:.4g}",
        "perplexity": f"{other.perplexity:.4g}",
    }
    assert app.metric[2].delta == f"it was {trace.perplexity:.4g}"
    assert [line["name"] for line in charts(app)[0]["data"]] == ["as it is", "changed"]
    assert linked(app)["p"] == "0.5"


def test_a_token_held_all_but_impossible_has_its_place_on_the_slider(basics, ngram_service):
    app = basics("perplexity", text="tide clock", n=2, p="1e-06", at=4)
    other = ngram_service.surprise(config_of(app), "tide clock", 2).with_probability(3, 1e-6)
    assert metrics(app)["perplexity"] == number(other.perplexity, 4)
    assert app.select_slider(key="chain_p").value == 1e-6
    assert "1 × 10⁻⁶" in app.select_slider(key="chain_p").options


def test_an_impossible_token_makes_the_perplexity_infinite(basics):
    app = basics("perplexity", text="tide clock", n=2, p=0, at=4)
    assert set(metrics(app).values()) == {"∞"}
    assert app.selectbox(key="chain_at").value == 3


def test_another_token_stands_at_its_own_probability_again(basics, ngram_service):
    app = basics("perplexity", text="tide clock", n=2, p=0)
    app.selectbox(key="chain_at").set_value(2).run()
    assert linked(app)["at"] == "3"
    assert "p" not in linked(app)
    trace = ngram_service.surprise(config_of(app), "tide clock", 2)
    assert app.select_slider(key="chain_p").value == trace.probabilities[2]
    assert metrics(app)["perplexity"] == f"{trace.perplexity:.4g}"


def test_another_sentence_begins_with_its_own_probabilities(basics, ngram_service):
    app = basics("perplexity", text="tide clock", n=2, p=0, at=4)
    app.text_area(key="chain_text").set_value("lamp").run()
    assert not {"p", "at"} & set(linked(app))
    assert metrics(app)["perplexity"] == f"{ngram_service.surprise(config_of(app), 'lamp', 2).perplexity:.4g}"


@pytest.mark.parametrize("link", [{"p": "7"}, {"p": "x"}, {"at": "1"}, {"at": "99"}, {"at": "x"}, {"n": "9"}])
def test_what_a_link_cannot_mean_leaves_the_sentence_as_it_is(basics, ngram_service, link):
    app = basics("perplexity", text="tide clock", **link)
    trace = ngram_service.surprise(config_of(app), "tide clock", 4)
    assert metrics(app)["perplexity"] == f"{trace.perplexity:.4g}"


def test_a_single_token_has_nothing_to_work_out(basics):
    app = basics("perplexity", text="t")
    assert "A single token: nothing stands before it" in said(app)
    assert not app.metric


def test_an_empty_sentence_is_told(basics):
    app = basics("perplexity", text="tide")
    app.text_area(key="chain_text").set_value("").run()
    assert "The text is empty" in said(app)


def test_without_a_run_the_network_cannot_guess_yet(basics):
    app = basics("perplexity", by="run")
    assert "No run that predicts the next token has weights yet" in said(app)
    assert not app.metric


def test_a_networks_probabilities_are_worked_out_at_any_moment_of_its_training(basics, trained, manager):
    from playground.services.checkpoints import CheckpointCache
    from playground.services.text import TextService

    id = trained()
    trained(bidirectional=True, objective="masked")  # which the chain rule is not about
    app = basics("perplexity", by="run", text="tide clock")
    assert app.selectbox(key="chain_run").options == app.selectbox(key="chain_run").options[:1]
    run, text_service = manager.store.get(id), TextService(CheckpointCache(manager.store))
    checkpoints = manager.store.checkpoints(id)
    assert (
        metrics(app)["perplexity"]
        == f"{text_service.surprise(run, checkpoints[-1], 'tide clock').perplexity:.4g}"
    )
    first = basics("perplexity", by="run", text="tide clock", epoch=0)
    assert (
        metrics(first)["perplexity"]
        == f"{text_service.surprise(run, checkpoints[0], 'tide clock').perplexity:.4g}"
    )


def test_a_sentence_too_long_for_the_table_is_told_for_a_network_too(basics, trained):
    trained()
    app = basics("perplexity", by="run", text="t" * 401)
    assert "The text has 401 tokens; at most 400" in said(app)


def test_who_guesses_is_in_the_link(basics):
    app = choose(basics("perplexity"), "chain_by", "run")
    assert linked(app)["by"] == "run"
    assert "by" not in linked(choose(app, "chain_by", "ngram"))


# Zipf --------------------------------------------------------------------------------------------


def test_the_commonest_words_pairs_and_triples_are_told(basics, ngram_service):
    app = basics("zipf")
    ranks = ngram_service.ranks(config_of(app, token_level="word"))
    (chart,) = charts(app)
    assert [line["name"] for line in chart["data"]] == [
        "single words",
        "pairs of words",
        "triples of words",
        "one over the rank",
    ]
    for table, ranking in zip(app.dataframe, ranks, strict=True):
        assert table.value.iloc[:, 0].tolist() == [" ".join(gram) for gram, _ in ranking.commonest]
        assert table.value.iloc[:, 1].tolist() == [count for _, count in ranking.commonest]
        assert f"{ranking.total:,} in the text, {ranking.distinct:,} different ones" in said(app)


def test_a_text_without_white_space_is_counted_by_characters_until_the_link_says_otherwise(basics):
    app = basics("zipf", corpus="yujie_zhongbiao")
    assert charts(app)[0]["data"][0]["name"] == "single characters"
    assert app.dataframe[0].value.iloc[2, 0] == "⏎"
    choose(app, "zipf_token_level", "word")
    assert linked(app)["token_level"] == "word"
    assert charts(app)[0]["data"][0]["name"] == "single words"
    choose(app, "zipf_token_level", "char")
    assert "token_level" not in linked(app)


def test_slopes_are_measured_where_there_are_ranks_enough(basics):
    app = basics("zipf", corpus="the_tide_clock")
    assert "Measured slopes on the logarithmic axes: single words: −0.99 (ranks 10 to 1,000)" in said(app)
    assert "Measured slopes" not in said(basics("zipf", max_tokens=100))


@pytest.mark.parametrize(("text", "tables"), [("tide", 1), ("tide clock", 2)])
def test_a_tiny_text_has_only_short_ngrams(basics, manager, text, tables):
    corpus = manager.store.library.add("Tiny", text).id
    app = basics("zipf", corpus=corpus)
    assert len(app.dataframe) == tables
    assert not app.error


@pytest.mark.parametrize("view", ["markov", "zipf", "perplexity"])
def test_in_chinese_every_lesson_speaks_chinese(basics, view):
    app = basics(view, lang="zh")
    english = set(catalogue()) - set(catalogue().values())
    shown = {
        str(element.value)
        for kind in ("subheader", "markdown", "caption", "header")
        for element in app.get(kind)
    }
    assert not shown & english
    assert not app.exception


# words ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("view", ["markov", "zipf"])
def test_words_of_a_text_without_white_space_are_told_and_left_at_one_press(page, view):
    app = page("basics", view=view, corpus="yujie_zhongbiao", token_level="word")
    assert "hardly any white space" in said(app)
    for level in ("segmented", "char"):
        app.button(key=f"{view}_level_notice_{level}").click().run()
        assert not app.exception
        assert "hardly any white space" not in said(app)
        assert linked(app).get("token_level", "char") == level
        app = page("basics", view=view, corpus="yujie_zhongbiao", token_level="word")


def test_nothing_is_concluded_from_whole_sentences_as_tokens(page):
    app = page("basics", view="markov", corpus="yujie_zhongbiao", token_level="word", max_vocab=50_000)
    assert "overfitting" not in said(app)
    segmented = page(
        "basics", view="markov", corpus="yujie_zhongbiao", token_level="segmented", max_vocab=50_000
    )
    assert "-gram guesses the held-out text best" in said(segmented)


def test_many_unknown_tokens_are_told_below_the_ladder_and_nothing_is_concluded(basics):
    app = basics("markov", token_level="word", max_vocab=3)
    assert "of the held-out tokens are `<unk>`" in said(app) or "of the training tokens are `<unk>`" in said(
        app
    )
    assert "guesses the held-out text best" not in said(app)
    plain = basics("markov")
    assert "`<unk>`: 0.0% of the training tokens, 0.0% of the held-out ones." in said(plain)
    assert "bits a character" in said(plain)
    assert not plain.warning
