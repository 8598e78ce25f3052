"""`ngrams`: how well counting alone guesses a text."""

from __future__ import annotations

import time
from typing import Annotated

import typer
from rich.table import Table

from playground.cli.common import (
    CorpusName,
    DataDir,
    Encoding,
    Json,
    find_corpus,
    open_store,
    rounded,
    unknown_shares,
    warn_of_spacing,
    warn_of_unknown,
    with_settings,
)
from playground.config import CorpusConfig
from playground.format import fixed
from playground.records import Ladder
from playground.services.ngrams import NgramService, require_order
from playground.settings import validate
from playground.terminal import exit_on_error, fetch_if_missing, say_json, show
from playground.text.ngrams import ORDERS


@with_settings(CorpusConfig.model_fields, without=("corpus",))
def ngrams(
    corpus: CorpusName = None,
    encoding: Encoding = None,
    *,
    given: dict[str, object],
    orders: Annotated[str, typer.Option(help="The longest n.", metavar="N")] = str(ORDERS),
    data_dir: DataDir = None,
    as_json: Json = False,
) -> None:
    """Count a text's n-grams and tell their perplexities (Witten-Bell): what a network has to beat."""
    with exit_on_error():
        config = validate(
            CorpusConfig, {**given, "corpus": "any"}
        )  # wrong values are told before any file is touched
        longest = int(orders) if orders.isdecimal() and len(orders) < 9 else 0
        require_order(longest, orders)
        library = open_store(data_dir).library
        name = find_corpus(library, corpus or CorpusConfig().corpus, encoding)
        config = validate(CorpusConfig, {**given, "corpus": name})
        fetch_if_missing(library, name)
        warn_of_spacing(library, config)
        began = time.perf_counter()
        ladder = NgramService(library).ladder(config).up_to(longest)
        seconds = time.perf_counter() - began
    warn_of_unknown(ladder.train_part, ladder.heldout_part, config.max_vocab)
    if as_json:
        say_json(_summary(config, ladder, seconds))
    else:
        show(_table(library.title(name), ladder, seconds))


def _summary(config: CorpusConfig, ladder: Ladder, seconds: float) -> dict[str, object]:
    heldout = ladder.heldout or (None,) * len(ladder.train)
    return {
        **config.model_dump(),
        "train_tokens": ladder.train_tokens,
        "heldout_tokens": ladder.heldout_tokens,
        "train_unknown": rounded(ladder.train_part.unknown_share),
        "heldout_unknown": rounded(ladder.heldout_part.unknown_share),
        "vocab_size": ladder.vocab_size,
        "orders": [
            {
                "n": n,
                "train_perplexity": train,
                "heldout_perplexity": held,
                "bits_per_character": round(bits, 5),
                "distinct": distinct,
            }
            for n, train, held, bits, distinct in zip(
                ladder.orders, ladder.train, heldout, ladder.bits_per_character, ladder.distinct, strict=True
            )
        ],
        "best": ladder.best,
        "seconds": round(seconds, 3),
    }


def _table(title: str, ladder: Ladder, seconds: float) -> Table:
    heldout = ladder.heldout or (None,) * len(ladder.train)
    table = Table(
        "n",
        "train perplexity",
        "held-out perplexity",
        "bits a character",
        "different n-grams",
        title=f"{title}: {ladder.train_tokens:,} tokens counted, {ladder.heldout_tokens:,} held out, "
        f"V = {ladder.vocab_size:,}, {seconds:.2f} s",
        caption=(
            "Held-out perplexities compare with a run's on the same text, normalisation and held-out part; bits a "
            f"character, of the {'training' if ladder.heldout is None else 'held-out'} text, whatever the tokens. "
            f"{unknown_shares(ladder.train_part, ladder.heldout_part)}."
        ),
    )
    for n, train, held, bits, distinct in zip(
        ladder.orders, ladder.train, heldout, ladder.bits_per_character, ladder.distinct, strict=True
    ):
        marked = "-" if held is None else f"{held:.2f}" + (" ← best" if n == ladder.best else "")
        table.add_row(str(n), f"{train:.2f}", marked, fixed(bits, 2), f"{distinct:,}")
    return table
