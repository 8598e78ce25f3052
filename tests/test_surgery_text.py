"""What is done to units, as a link and a command line write it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from playground.config import Intervention, ModelConfig, Surgery, parse_surgery
from playground.errors import ConfigError

LSTM = ModelConfig(cell="lstm", hidden_size=20, num_layers=2)
GRU = ModelConfig(cell="gru", hidden_size=20)


@given(
    st.lists(
        st.builds(
            Intervention,
            st.sampled_from("ifoghc"),
            st.one_of(
                st.none(), st.lists(st.integers(0, 19), min_size=1, max_size=6, unique=True).map(tuple)
            ),
            st.one_of(st.floats(0, 1), st.just("mean")),
        ),
        max_size=5,
    )
)
def test_what_is_written_is_read_back(interventions):
    surgery = Surgery(tuple(interventions))
    assert parse_surgery(str(surgery), LSTM) == surgery


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ()),
        ("h3=0", (Intervention("h", (3,), 0.0),)),
        ("  f* = 1 ;c2-4+9=mean", (Intervention("f", None, 1.0), Intervention("c", (2, 3, 4, 9), "mean"))),
        ("f = 1", (Intervention("f", None, 1.0),)),
        ("h3+3=-0.5", (Intervention("h", (3,), -0.5),)),
        ("c1=-7.5", (Intervention("c", (1,), -7.5),)),
    ],
)
def test_items_may_be_written_as_people_write_them(text, expected):
    assert parse_surgery(text, LSTM).interventions == expected
    assert bool(parse_surgery(text, LSTM)) == bool(expected)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("h3", "'h3' cannot be read"),
        ("h３=0", "'h３=0' cannot be read"),
        ("h" + "9" * 5_000 + "=0", "cannot be read"),
        ("r3=0", "has no r"),
        ("h20=0", "no unit 20; this network has 20, numbered from 0"),
        ("h5-2=0", "no unit 5-2"),
        ("f1=2", "f lies between 0 and 1; it cannot be 2"),
        ("g1=-1.5", "g lies between −1 and 1|g lies between -1 and 1"),
        ("h1=much", "h cannot be set to 'much'"),
        ("f1=donor", "f cannot be set to 'donor'"),
        ("h1=nan", "h cannot be set to 'nan'"),
        ("h1=0.1_5", "h cannot be set to '0.1_5'"),
        ("h1=١", "h cannot be set to '١'"),
        ("c1=1e300", "c lies between"),
        ("h1=donor", "there is none. Type one"),
        (", ".join(f"h{i % 20}=0" for i in range(41)), "41 changes at once are too many; at most 40"),
    ],
)
def test_what_cannot_be_done_is_told_with_the_figures(text, told):
    with pytest.raises(ConfigError, match=told):
        parse_surgery(text, LSTM)


def test_a_layer_that_is_not_there_is_told():
    with pytest.raises(ConfigError, match="no layer 3; this network has 2"):
        parse_surgery("h1=0", LSTM, layer=2)
    assert parse_surgery("r*=0, z*=1", GRU).interventions[1] == Intervention("z", None, 1.0)


def test_many_units_are_written_as_ranges():
    large = ModelConfig(cell="gru", hidden_size=1_000)
    assert str(parse_surgery("h0-999=0", large)) == "h0-999=0"
    assert str(parse_surgery("h7+3+4+5+1=0", LSTM)) == "h7+3-5+1=0"


def test_what_has_no_limit_is_set_within_reason():
    relu = ModelConfig(cell="rnn", nonlinearity="relu", hidden_size=20)
    assert parse_surgery("h0=7.5, a1=-20", relu).interventions[0].value == 7.5
    for word in ("h0=-5", "h0=1e30"):
        with pytest.raises(ConfigError, match="h lies between 0 and 10,000"):
            parse_surgery(word, relu)
