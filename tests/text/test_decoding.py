"""Bytes → text: nothing guessed silently, nothing swallowed."""

import bz2
import codecs
import gzip
import io
import lzma
import random
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from playground.errors import CorpusError, EncodingUndecided
from playground.text.decoding import MAX_BYTES, count_control, count_replaced, decode, show_control
from playground.text.encodings import ENCODINGS, find

CHINESE = "雨下了一整夜，钟表铺的灯还亮着。老人把怀表放回抽屉，听见街上有人敲门。"
FRENCH = "L'été dernier, le garçon a mangé à la forêt près du château où naît la rivière."
PLAIN = st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1).filter(
    lambda t: t.strip() and "\ufeff" not in t and not t.startswith(("BZh", "%PDF-", "{\\rtf"))
)
BOMS = {
    "utf-8": codecs.BOM_UTF8,
    "utf-16-le": codecs.BOM_UTF16_LE,
    "utf-16-be": codecs.BOM_UTF16_BE,
    "utf-32-le": codecs.BOM_UTF32_LE,
    "utf-32-be": codecs.BOM_UTF32_BE,
}


@given(PLAIN)
def test_utf_8_comes_back_as_it_was(text):
    assert decode(text.encode()) == text


@pytest.mark.parametrize("codec", BOMS)
@given(PLAIN)
def test_a_byte_order_mark_decides_and_is_not_part_of_the_text(codec, text):
    assert decode(BOMS[codec] + text.encode(codec)) == text


@pytest.mark.parametrize("codec", ["utf-8", "utf-16-le", "utf-32-be"])
def test_a_mark_that_lies_is_told_with_the_place(codec):
    spoilt = BOMS[codec] + "tide".encode(codec) + b"\xff"
    with pytest.raises(CorpusError, match=r"begins with the mark of utf-.*byte \d+ does not fit"):
        decode(spoilt)


@given(st.lists(st.sampled_from(["a", "\r\n", "\r", "\n"]), min_size=1).map(lambda p: "x" + "".join(p)))
def test_every_line_end_becomes_a_line_feed(text):
    assert decode(text.encode()) == text.replace("\r\n", "\n").replace("\r", "\n")


JAPANESE = "吾輩は猫である。名前はまだ無い。どこで生れたかとんと見当がつかぬ。ニャーニャー泣いていた。"
TRADITIONAL = "雨下了一整夜，鐘錶鋪的燈還亮著。老人把懷錶放回抽屜，聽見街上有人敲門。"
RUSSIAN = "Все счастливые семьи похожи друг на друга, каждая несчастливая семья несчастлива по-своему."
KOREAN = "모든 행복한 가정은 서로 닮았고, 불행한 가정은 제각각 나름으로 불행하다."
CZECH = "Příliš žluťoučký kůň úpěl ďábelské ódy. Všechny šťastné rodiny jsou si podobné."


@pytest.mark.parametrize(
    ("text", "codec", "name"),
    [
        (CHINESE, "gb18030", "gb18030"),
        (CHINESE, "gbk", "gb18030"),
        (TRADITIONAL, "big5", "big5"),
        (JAPANESE, "shift_jis", "shift_jis"),
        (JAPANESE, "euc_jp", "euc-jp"),
        (KOREAN, "euc_kr", "euc-kr"),
        (RUSSIAN, "cp1251", "windows-1251"),
        (RUSSIAN, "koi8_r", "koi8-r"),
        (FRENCH, "latin-1", "windows-1252"),
        (CZECH, "cp1250", "windows-1250"),
        ("He said “no”, and it’s true … " * 3, "cp1252", "windows-1252"),
    ],
)
@pytest.mark.parametrize("times", [1, 40])
def test_another_encoding_is_offered_likeliest_first_with_what_it_would_say(text, codec, name, times):
    data = (text * times).encode(codec)
    with pytest.raises(EncodingUndecided, match="or save it as UTF-8") as caught:
        decode(data)
    first = caught.value.candidates[0]
    assert first.name == name
    assert first.replaced == 0
    assert first.preview.strip("…") in text * times
    assert decode(data, encoding=name) == decode(data, encoding=codec) == text * times


def test_every_candidate_can_be_chosen_and_begins_as_it_was_shown():
    data = b"\n  \n" + FRENCH.encode("latin-1")
    with pytest.raises(EncodingUndecided) as caught:
        decode(data)
    assert len(caught.value.candidates) >= 2
    for candidate in caught.value.candidates:
        assert decode(data, encoding=candidate.name).strip().startswith(candidate.preview)


def test_a_long_text_is_not_ranked_by_half_a_character():
    text = "é" + "雨" * 40_000  # no line ends, and a sample of so many bytes would cut a character
    with pytest.raises(EncodingUndecided) as caught:
        decode(text.encode("gb18030"))
    assert caught.value.candidates[0].name == "gb18030"


@pytest.mark.parametrize(
    "name", ["latin-1", "Latin1", "ISO-8859-1", "cp1252", "WINDOWS-1252", "l1", "us-ascii"]
)
def test_latin_1_is_windows_1252_as_in_browsers(name):
    text = "“He’s here” – 5 €…"
    assert decode(text.encode("cp1252"), encoding=name) == text


def test_the_five_bytes_that_windows_1252_has_not_are_control_characters_as_in_browsers():
    text = decode(b"tide " * 40 + b"\x81\x8d\x8f\x90\x9d", encoding="latin-1")
    assert text.endswith("\x81\x8d\x8f\x90\x9d")
    assert count_control(text) == 5


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("GBK", "gb18030"),
        ("gb2312", "gb18030"),
        ("CP936", "gb18030"),
        ("Big5", "big5"),
        ("big5-hkscs", "big5"),
        ("SJIS", "shift_jis"),
        ("Shift_JIS", "shift_jis"),
        ("EUC-JP", "euc-jp"),
        ("UTF8", "utf-8"),
        ("u8", "utf-8"),
        ("UTF-8-Replace", "utf-8-replace"),
        ("utf-16-le", "utf-16-le"),
        ("IBM866", "cp866"),
        (" cp1251 ", "windows-1251"),
    ],
)
def test_an_encoding_has_every_name_that_python_knows_in_any_case(name, found):
    assert find(name) == found


def test_letters_that_plain_big5_has_not_are_read_as_windows_and_hong_kong_write_them():
    assert decode("恒裏碁".encode("cp950"), encoding="big5") == "恒裏碁"
    assert decode("喺咗".encode("big5hkscs"), encoding="big5") == "喺咗"


@pytest.mark.parametrize(
    ("data", "bad", "text"),
    [
        (CHINESE.encode()[:-1], 2, CHINESE[:-1] + "\ufffd"),
        (CHINESE.encode()[:-2], 1, CHINESE[:-1] + "\ufffd"),
        (FRENCH.encode() * 9 + b"\xff end", 1, FRENCH * 9 + "\ufffd end"),
        (codecs.BOM_UTF8 + CHINESE.encode()[:-1], 2, CHINESE[:-1] + "\ufffd"),
        (codecs.BOM_UTF16_LE + CHINESE.encode("utf-16-le")[:-1], 1, CHINESE[:-1] + "\ufffd"),
    ],
)
def test_where_nearly_all_is_utf_8_its_bad_bytes_can_be_replaced_and_are_counted(data, bad, text):
    with pytest.raises(EncodingUndecided) as caught:
        decode(data)
    first = caught.value.candidates[0]
    assert first.name.endswith("-replace")
    assert first.replaced == bad
    assert decode(data, encoding=first.name) == text


def test_a_stray_byte_in_plain_english_may_be_replaced_too():
    data = b"the tide comes in " * 20 + b"\xff"
    with pytest.raises(EncodingUndecided) as caught:
        decode(data)
    assert [c.name for c in caught.value.candidates][:2] == ["windows-1252", "utf-8-replace"]
    assert count_replaced(data, "utf-8-replace") == 1
    assert count_replaced(data, "windows-1252") == count_replaced(data, None) == 0


@pytest.mark.parametrize("text", [CHINESE, FRENCH * 3, RUSSIAN])
@pytest.mark.parametrize("codec", ["gb18030", "cp1251", "latin-1"])
def test_nothing_is_offered_as_broken_utf_8_that_is_another_encoding(text, codec):
    try:
        data = text.encode(codec)
    except UnicodeEncodeError:
        pytest.skip("not written so")
    with pytest.raises(EncodingUndecided) as caught:
        decode(data)
    assert not any(candidate.replaced for candidate in caught.value.candidates)


def test_a_choice_that_does_not_fit_is_told_with_the_place_and_what_does():
    with pytest.raises(EncodingUndecided, match="not in gb18030: byte 4") as caught:
        decode(b"tide\xff\xff", encoding="gb18030")
    assert "windows-1252" in [candidate.name for candidate in caught.value.candidates]


@pytest.mark.parametrize(
    "encoding", ["utf-7", "idna", "rot13", "hex", "unicode_escape", "no-such-codec", "", "\0"]
)
def test_what_is_no_encoding_of_text_files_is_answered_with_some_that_are(encoding):
    with pytest.raises(CorpusError, match=r"There is no encoding .*gb18030"):
        decode(b"tide", encoding=encoding)


@pytest.mark.parametrize("encoding", [None, "utf-8", "latin-1", "gb18030"])
def test_a_byte_order_mark_decides_whatever_is_chosen(encoding):
    assert decode(codecs.BOM_UTF8 + CHINESE.encode(), encoding=encoding) == CHINESE


def test_a_byte_order_mark_is_no_character_inside_a_text_either():
    data = codecs.BOM_UTF8 + b"one\n" + codecs.BOM_UTF8 + b"two\n"  # two files put together
    assert decode(data) == "one\ntwo\n"
    assert decode("\ufeff雨\ufeff街".encode("gb18030"), encoding="gbk") == "雨街"


def test_a_few_control_characters_are_kept_and_shown():
    text = decode(b"tide " * 20 + b"\x00\x1b\x7f\xc2\x85\tx\n")
    assert count_control(text) == 4
    assert text.endswith("\x00\x1b\x7f\x85\tx\n")
    assert show_control(text).endswith("␀␛␡\N{REPLACEMENT CHARACTER}\tx\n")


@given(st.text())
def test_shown_text_has_no_control_character_and_the_same_length(text):
    shown = show_control(text)
    assert count_control(shown) == 0
    assert len(shown) == len(text)
    assert sum(a != b for a, b in zip(text, shown, strict=True)) == count_control(text)


@pytest.mark.parametrize(
    "data", [b"", b" \n\t\r\n", codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF32_BE]
)
def test_a_text_of_nothing_is_empty(data):
    with pytest.raises(CorpusError, match="is empty"):
        decode(data)


def test_the_limit_itself_is_still_a_text():
    assert len(decode(b"a" * MAX_BYTES)) == MAX_BYTES == 20 * 2**20


def test_one_byte_beyond_the_limit_is_refused_with_both_figures():
    with pytest.raises(CorpusError, match=r"20\.0 MB; the limit is 20 MB"):
        decode(b"a" * (MAX_BYTES + 1))


def zip_of(text: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("tide.txt", text)
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("pack", "kind"),
    [
        (zip_of, "ZIP"),
        (gzip.compress, "gzip"),
        (bz2.compress, "bzip2"),
        (lzma.compress, "xz"),
        (lambda text: b"%PDF-1.7\n" + text, "PDF"),
        (lambda text: b"{\\rtf1 " + text, "RTF"),
    ],
)
@pytest.mark.parametrize("encoding", [None, "gb18030", "windows-1252"])
def test_an_archive_or_document_is_named_whatever_encoding_is_chosen(pack, kind, encoding):
    with pytest.raises(CorpusError, match=kind) as caught:
        decode(pack(b"tide " * 50), encoding=encoding)
    assert not isinstance(caught.value, EncodingUndecided)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("encoding", [None, *ENCODINGS])
def test_random_bytes_are_no_text_under_any_encoding(seed, encoding):
    with pytest.raises(CorpusError):
        decode(random.Random(seed).randbytes(2_000), encoding=encoding)


@pytest.mark.parametrize("data", [bytes(100), "tide and clock".encode("utf-16-le"), b"\xff" + bytes(99)])
def test_zeros_are_binary_and_no_encoding_is_offered(data):
    with pytest.raises(CorpusError, match="not plain text") as caught:
        decode(data)
    assert not isinstance(caught.value, EncodingUndecided)


def test_what_is_told_of_each_encoding_is_where_they_differ():
    text = "It wasn’t the wind — it was the tide.\n" * 9 + "naïve café, £5 or 7€\n"
    with pytest.raises(EncodingUndecided) as caught:
        decode(text.encode("cp1252"))
    first, *others = caught.value.candidates
    assert (first.name, first.preview) == ("windows-1252", "naïve café, £5 or 7€")
    text_of = {other.name: decode(text.encode("cp1252"), encoding=other.name) for other in others}
    assert len(set(text_of.values())) > 2
    assert all((other.preview == first.preview) is (text_of[other.name] == text) for other in others)


def test_where_bytes_are_replaced_the_place_is_shown():
    with pytest.raises(EncodingUndecided) as caught:
        decode((CHINESE + "\n").encode() * 20 + b"the tide \xff end\n" + (CHINESE + "\n").encode() * 20)
    repaired = next(c for c in caught.value.candidates if c.replaced)
    assert repaired.preview == "the tide \ufffd end"


def test_a_text_that_is_utf_8_after_all_is_offered_as_such():
    with pytest.raises(EncodingUndecided) as caught:
        decode(("Á bientôt. " * 9).encode(), encoding="shift_jis")
    assert caught.value.candidates[0].name == "utf-8"


@pytest.mark.parametrize(
    ("data", "encoding", "bad"),
    [
        (codecs.BOM_UTF16_LE + "tide".encode("utf-16-le"), "utf-8-replace", 0),
        ("tide".encode("utf-16"), "utf-16-replace", 0),
        ("潮汐".encode("hz"), "hz-replace", 0),
        (b"tide\xff\xfe", "utf-8-replace", 2),
        ("é".encode() * 3 + b"\xe9", "utf-8-replace", 1),
        (codecs.BOM_UTF8 + b"tide\xff", "utf-8-replace", 1),
    ],
)
def test_bytes_are_counted_as_they_are_read(data, encoding, bad):
    assert count_replaced(data, encoding) == bad
    assert decode(data, encoding=encoding).count("\ufffd") == bad
