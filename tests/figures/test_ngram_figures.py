"""Figures about counting."""

import numpy as np
import pytest

from playground.figures.ngrams import followers_figure, ladder_figure, zipf_figure
from playground.records import Follower, Followers, Ladder, RankFrequency, TextPart

LADDER = Ladder((9.0, 4.0, 2.0), (9.5, 5.0, 6.0), (3, 8, 9), 12, TextPart(100, 100, 0), TextPart(10, 10, 0))
FOLLOWERS = Followers(
    ("t", "h"), 5, 2, 2, (Follower("e", 4, 0.6), Follower(" ", 1, 0.2), Follower("<", 0, 0.1))
)
RANKS = tuple(
    RankFrequency(
        n, 30, 3, 1, np.array([1, 2, 3]), np.array([20 - n, 5, 1]), ((("a",) * n, 9),), None, (10, 3)
    )
    for n in (1, 2, 3)
)


def test_the_best_memory_is_marked_and_its_figures_stand_beside_the_points():
    figure = ladder_figure(LADDER)
    train, held, ring = figure.data
    assert (list(train.y), list(held.y)) == ([9.0, 4.0, 2.0], [9.5, 5.0, 6.0])
    assert (list(ring.x), list(ring.y)) == ([2], [5.0])
    assert [note.text for note in figure.layout.annotations] == ["9.5", "5", "6"]
    assert [line.y0 for line in figure.layout.shapes] == [1, 12]
    assert figure.layout.yaxis.range[0] < 0 < np.log10(12) < figure.layout.yaxis.range[1]


def test_without_held_out_text_only_the_training_text_is_drawn():
    figure = ladder_figure(Ladder((9.0, 4.0), None, (3, 8), 12, TextPart(100, 100, 0), TextPart(0, 0, 0)))
    assert [list(trace.y) for trace in figure.data] == [[9.0, 4.0]]
    assert figure.layout.annotations == ()


def test_bars_are_the_smoothed_probabilities_with_their_counts_from_the_likeliest_down():
    figure = followers_figure(FOLLOWERS)
    seen, never, beside = figure.data
    assert (list(seen.x), list(seen.y)) == ([0.6, 0.2], [0, 1])
    assert [text.strip() for text in beside.text] == ["0.6 · 4×", "0.2 · 1×", "0.1 · 0×"]
    assert (list(never.x), list(never.y)) == ([0.1], [2])
    assert list(figure.layout.yaxis.ticktext) == ["e", "␣", "&lt;"]
    assert figure.layout.yaxis.autorange == "reversed"
    assert seen.marker.pattern.shape != never.marker.pattern.shape


def test_rank_and_count_are_on_logarithmic_axes_beside_one_over_the_rank():
    figure = zipf_figure(RANKS, ["one", "two", "three"])
    assert [trace.name for trace in figure.data] == ["one", "two", "three", "one over the rank"]
    assert figure.layout.xaxis.type == figure.layout.yaxis.type == "log"
    assert (list(figure.data[3].x), list(figure.data[3].y)) == ([1, 19], [19, 1])


@pytest.mark.parametrize("figure", [ladder_figure(LADDER), zipf_figure(RANKS, ["1", "2", "3"])])
def test_lines_are_told_apart_without_colour(figure):
    looks = [(t.mode, t.line.dash, t.marker.symbol) for t in figure.data]
    assert len(set(looks)) == len(looks)


@pytest.mark.parametrize(
    "figure", [ladder_figure(LADDER), followers_figure(FOLLOWERS), zipf_figure(RANKS, "abc")]
)
def test_every_axis_is_labelled(figure):
    assert figure.layout.xaxis.title.text
    assert figure.layout.yaxis.title.text
