"""Where a text's words end."""

from __future__ import annotations

import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from playground.config import CorpusConfig
from playground.errors import CorpusError
from playground.text.cloze import cut_cloze
from playground.text.corpora import Corpus, CorpusLibrary
from playground.text.prepare import cut_sentence, prepare
from playground.text.segmentation import segment, spacing
from playground.text.vocab import Vocab, split
from tests.helpers import some_text

CHINESE = "雨下了一整夜，河水涨到了街上。\n\n" * 9
VERSE = "床前明月光，\n疑是地上霜。\n举头望明月，\n低头思故乡。\n" * 9
APART = "雨 下 了 一整夜 ， 河水 涨到 了 街上 。 " * 9
JAPANESE = "雨が一晩中降り続いた。川の水は通りまで上がってきた。\n" * 9
THAI = "ฝนตกทั้งคืน น้ำในแม่น้ำขึ้นมาถึงถนนหน้าบ้านของเรา\n" * 9
GERMAN = "Die Donaudampfschifffahrtsgesellschaft fährt heute nicht, denn es regnet.\n" * 9


@pytest.mark.parametrize(
    ("text", "levels"),
    [
        ("the tide clock", ("word", "char")),
        (some_text(2_000), ("word", "char")),
        (GERMAN, ("word", "char")),
        ("", ("word", "char")),
        (CHINESE, ("char", "segmented")),
        (VERSE, ("char", "segmented")),
        (APART, ("word", "char", "segmented")),
        (JAPANESE, ("char",)),
        (THAI, ("char",)),
    ],
)
def test_words_are_cut_at_white_space_only_where_it_parts_them(text, levels):
    assert spacing(Corpus("x", "x", text)).fitting == levels


def test_how_much_stands_between_two_white_spaces_is_told():
    assert spacing(Corpus("x", "x", "雨下了一整夜\n河水涨到了街上")).mean_length == 6.5


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=60))
def test_segments_joined_are_the_text(text):
    assert "".join(segment(text)) == text
    assert "".join(split(text, "segmented")) == text


def test_chinese_is_cut_into_words():
    assert segment("我来到北京清华大学。") == ["我", "来到", "北京", "清华大学", "。"]


def test_half_a_surrogate_pair_as_an_address_may_have_it_is_no_obstacle():
    assert segment("雨\ud800") == ["雨", "?"]


def test_a_segmented_text_is_decoded_without_spaces(tmp_path):
    corpus = CorpusLibrary(tmp_path).load("yujie_zhongbiao")
    text = prepare(corpus, CorpusConfig(token_level="segmented", held_out=0.1))
    assert text.vocab.decode([*text.train, *text.heldout]) == corpus.text
    assert 1_000 < len(text.vocab) < 5_000
    assert corpus.text.replace("\n", "").find(text.opening.replace("\n", "")) >= 0
    again = Vocab.from_json(text.vocab.to_json())
    assert again == text.vocab
    assert again.decode(again.encode(corpus.text[:300])) == corpus.text[:300]


def test_a_persons_chinese_is_cut_as_the_text_was():
    config = CorpusConfig(token_level="segmented")
    assert cut_sentence("河水涨到了街上", config) == ["河水", "涨到", "了", "街上"]
    assert cut_cloze("河水_了__。", config) == ["河水", None, "了", None, None, "。"]


def test_letters_alone_are_cut_like_words_with_their_spaces():
    text = prepare(
        Corpus("x", "x", "The tide,\nthe CLOCK!"), CorpusConfig(token_level="segmented", normalize="letters")
    )
    assert text.vocab.decode([*text.train, *text.heldout]) == "the tide the clock"


def test_without_the_package_the_way_out_is_told(monkeypatch):
    monkeypatch.setitem(sys.modules, "rjieba", None)
    with pytest.raises(CorpusError, match=r"rjieba, which is not installed. .* choose characters"):
        split("雨", "segmented")


def test_whoever_segments_nothing_does_not_load_the_dictionary():
    import subprocess

    code = (
        "import sys; from playground.text.prepare import prepare; from playground.text.corpora import Corpus;"
        "from playground.config import CorpusConfig; prepare(Corpus('x', 'x', 'abc abc'), CorpusConfig());"
        "sys.exit('rjieba' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
