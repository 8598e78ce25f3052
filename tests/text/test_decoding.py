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
from playground.text.decoding import MAX_BYTES, OFFERED, count_control, decode, show_control

CHINESE = "雨下了一整夜，钟表铺的灯还亮着。老人把怀表放回抽屉，听见街上有人敲门。"
FRENCH = "L'été dernier, le garçon a mangé à la forêt près du château où naît la rivière."
PLAIN = st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1).filter(
    lambda t: t.strip() and not t.startswith(("\ufeff", "BZh", "%PDF-", "{\\rtf"))
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


@pytest.mark.parametrize(("text", "codec"), [(CHINESE, "gb18030"), (FRENCH, "latin-1")])
def test_another_encoding_is_offered_likeliest_first_and_never_guessed(text, codec):
    data = text.encode(codec)
    with pytest.raises(EncodingUndecided) as caught:
        decode(data)
    assert caught.value.candidates[0] == codec
    assert sorted(caught.value.candidates) == sorted(OFFERED)
    assert decode(data, encoding=codec) == text


def test_a_choice_that_does_not_fit_is_told_with_the_place():
    with pytest.raises(CorpusError, match="not in gb18030: byte 4"):
        decode(b"tide\xff\xff", encoding="gb18030")


@pytest.mark.parametrize("encoding", ["utf-7", "cp1252", "rot13", "no-such-codec"])
def test_only_offered_encodings_can_be_chosen(encoding):
    with pytest.raises(CorpusError, match="is not offered"):
        decode(b"tide", encoding=encoding)


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
@pytest.mark.parametrize("encoding", [None, *OFFERED])
def test_an_archive_or_document_is_named_whatever_encoding_is_chosen(pack, kind, encoding):
    with pytest.raises(CorpusError, match=kind) as caught:
        decode(pack(b"tide " * 50), encoding=encoding)
    assert not isinstance(caught.value, EncodingUndecided)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("encoding", [None, "utf-8", *OFFERED])
def test_random_bytes_are_no_text_under_any_encoding(seed, encoding):
    with pytest.raises(CorpusError):
        decode(random.Random(seed).randbytes(2_000), encoding=encoding)


@pytest.mark.parametrize("data", [bytes(100), "tide and clock".encode("utf-16-le"), b"\xff" + bytes(99)])
def test_zeros_are_binary_and_no_encoding_is_offered(data):
    with pytest.raises(CorpusError, match="not plain text") as caught:
        decode(data)
    assert not isinstance(caught.value, EncodingUndecided)
