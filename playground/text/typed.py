"""What a person typed, in the tokens of a corpus; too much or nothing is told in a sentence."""

from __future__ import annotations

from playground.config import CorpusConfig
from playground.errors import ConfigError
from playground.text.prepare import cut_sentence


def cut(text: str, config: CorpusConfig, *, most: int) -> list[str]:
    """A person's text in the tokens of a corpus.

    Args:
        text: What was typed.
        config: How the corpus is normalised and cut.
        most: Tokens that are allowed.

    Raises:
        ConfigError: Nothing to read, or too much.
    """
    characters = 10 * most  # words can be long
    if len(text) > characters:
        raise ConfigError(
            "The text has {characters:,} characters; at most {most:,} can be looked at. Shorten it by "
            "{over:,}.",
            characters=len(text),
            most=characters,
            over=len(text) - characters,
        )
    tokens = cut_sentence(text, config)
    require_tokens(tokens, text, config, most=most)
    return tokens


def cut_prefix(text: str, config: CorpusConfig, *, most: int) -> list[str]:
    """As `cut`, for a text that something comes after: white space at its end counts."""
    tokens = cut(text, config, most=most)
    if config.normalize != "none" and not config.between and text[-1].isspace():
        tokens.append(" ")  # normalising strips it, but here it is what the next token follows
    return tokens


def require_tokens(tokens: list[str], text: str, config: CorpusConfig, *, most: int) -> None:
    """Raise ConfigError when a text has no tokens, or more than so many."""
    if not tokens:
        if config.normalize != "none" and text.strip():
            raise ConfigError("Only the letters a-z are read here, and the text has none. Type some.")
        raise ConfigError("The text is empty. Type at least one character.")
    if len(tokens) > most:
        raise ConfigError(
            "The text has {tokens:,} tokens; at most {most:,} can be looked at. Shorten it by {over:,}.",
            tokens=len(tokens),
            most=most,
            over=len(tokens) - most,
        )
