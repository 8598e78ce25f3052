"""Zipf's law: few words are common, most are rare, and longer n-grams more so."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from pages.basics import corpus
from pages.shared.i18n import _, sentences
from pages.shared.state import ngram_service
from playground.config import CorpusConfig
from playground.figures.ngrams import zipf_figure
from playground.figures.sentence import visible
from playground.format import fixed
from playground.records import RankFrequency
from playground.tables import guarded_unseen


def lesson() -> None:
    """Rank against count, and the commonest in a table."""
    st.markdown(
        _(
            "Sort the words of a text by how often they come. **Zipf's law**: the count falls about "
            "as one over the rank, "
            "a straight line on logarithmic axes. Pairs and triples of words repeat far less: whoever "
            "only counts "
            "has seen many of them a single time."
        )
    )
    config = corpus.choose("zipf", by_words=True)
    if config is None:
        return
    ranks = ngram_service().ranks(config)
    names = _names(config)[: len(ranks)]
    st.plotly_chart(
        zipf_figure(ranks, names, _),
        key="zipf",
        width="stretch",
        config={"displayModeBar": False},
        alt=_("Lines on two logarithmic axes: count against rank of the text's n-grams with n = 1, 2 and 3."),
    )
    _slopes(ranks, names)
    st.subheader(_("The commonest"))
    for column, ranking, name in zip(st.columns(len(ranks)), ranks, names, strict=True):
        with column:
            _commonest(ranking, name, config.between)


def _names(config: CorpusConfig) -> list[str]:
    if config.token_level == "char":
        return [_("single characters"), _("pairs of characters"), _("triples of characters")]
    return [_("single words"), _("pairs of words"), _("triples of words")]


def _slopes(ranks: Sequence[RankFrequency], names: Sequence[str]) -> None:
    told = [
        _("{name}: {slope} (ranks {low} to {high})").format(
            name=name,
            slope=fixed(ranking.slope, 2),
            low=f"{ranking.fitted[0]:,}",
            high=f"{ranking.fitted[1]:,}",
        )
        for ranking, name in zip(ranks, names, strict=True)
        if ranking.slope is not None
    ]
    if told:
        st.caption(sentences(_("Measured slopes on the logarithmic axes:"), " · ".join(told)))


def _commonest(ranking: RankFrequency, name: str, between: str) -> None:
    st.markdown(f"**{name}**")
    rows = [(guarded_unseen(between.join(map(visible, gram))), count) for gram, count in ranking.commonest]
    table = pd.DataFrame(rows, columns=[_("n-gram"), _("times")])
    table.index += 1
    st.dataframe(
        table,
        key=f"zipf_{ranking.n}",
        width="stretch",
        alt=_("Table: the commonest n-grams with n = {n} and their counts.").format(n=ranking.n),
    )
    st.caption(
        _("{total} in the text, {distinct} different ones; {once} of these come once.").format(
            total=f"{ranking.total:,}", distinct=f"{ranking.distinct:,}", once=f"{ranking.once:,}"
        )
    )
