"""Errors: one sentence, with the figures and the way out."""

import inspect

import pytest

from playground import errors

KINDS = [
    kind
    for _, kind in inspect.getmembers(errors, inspect.isclass)
    if kind.__module__ == errors.__name__ and issubclass(kind, Exception)
]


def make(kind: type[errors.PlaygroundError], message: str, **figures: object) -> errors.PlaygroundError:
    if kind is errors.EncodingUndecided:
        return errors.EncodingUndecided(message, ["gb18030"], **figures)
    return kind(message, **figures)


@pytest.mark.parametrize("kind", KINDS)
def test_an_error_reads_as_its_template_with_the_figures_filled_in(kind):
    error = make(kind, "{got:,} of {wanted:,} tokens.", got=1_234, wanted=5_678)
    assert str(error) == "1,234 of 5,678 tokens."
    assert error.message.format(**error.params) == str(error)


@pytest.mark.parametrize("kind", KINDS)
def test_every_error_is_caught_as_the_one_at_the_root(kind):
    with pytest.raises(errors.PlaygroundError):
        raise make(kind, "Something is wrong.")


def test_the_docstring_draws_every_exception_under_its_parent():
    lines = [line for line in errors.__doc__.splitlines() if line.split() and line.split()[0] in "├──└──│"]
    drawn = {}
    path = {0: errors.PlaygroundError.__name__}
    for line in lines:
        name = next(word for word in line.split() if word.isidentifier())
        depth = line.index(name) // 4
        path[depth] = name
        drawn[name] = path[depth - 1]
    real = {kind.__name__: kind.__base__.__name__ for kind in KINDS if kind is not errors.PlaygroundError}
    assert drawn == real


def test_braces_in_a_persons_text_are_no_template():
    assert str(errors.CorpusError("{name!r} is empty.", name="{0} {evil}")) == "'{0} {evil}' is empty."


def test_an_undecided_encoding_keeps_its_candidates_in_order():
    assert errors.EncodingUndecided("Choose.", ["b", "a"]).candidates == ("b", "a")
