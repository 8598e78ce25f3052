"""What a page writes small or pale can still be read: WCAG 2.2 AA, in both themes."""

from __future__ import annotations

import re
import tomllib

import pytest

from playground.figures.curves import norm_figure, perplexity_figure
from tests.figures.test_gate_figures import contrast
from tests.helpers import ROOT

THEMES = {
    name: colours
    for name, colours in tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text("utf-8"))[
        "theme"
    ].items()
    if isinstance(colours, dict)
}
TEXT, SEEN = 4.5, 3.0
"""What WCAG asks of small text, and of a line that has to be seen."""
_PALE = re.compile(r"([^{}]+)\{[^{}]*?\bopacity: (\.\d+|0\.\d+)[^{}]*\}")


def pale(front: str, back: str, opacity: float) -> str:
    """A colour as it is seen through."""
    parts = [
        round(opacity * int(front[i : i + 2], 16) + (1 - opacity) * int(back[i : i + 2], 16))
        for i in (1, 3, 5)
    ]
    return "rgb({})".format(",".join(map(str, parts)))


def solid(colour: str) -> str:
    """A colour as `contrast` reads it."""
    return pale(colour, colour, 1)


def pale_rules() -> list[tuple[str, float]]:
    """Every rule of our style sheets that makes text pale; a control that is off may be as pale as it likes."""
    return [
        (f"{file.name}: {selector.strip()}", float(opacity))
        for file in sorted((ROOT / "assets").glob("*.css"))
        for selector, opacity in _PALE.findall(
            re.sub(r"/\*.*?\*/", "", file.read_text("utf-8"), flags=re.DOTALL)
        )
        if not re.search(r":disabled|data-live=false", selector)
    ]


def test_captions_are_among_the_rules():
    assert any("stCaptionContainer" in selector for selector, _opacity in pale_rules())


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("selector, opacity", pale_rules())
def test_pale_text_can_be_read_in_both_themes(selector, opacity, theme):
    colours = THEMES[theme]
    for back in (colours["backgroundColor"], colours["secondaryBackgroundColor"]):
        assert contrast(pale(colours["textColor"], back, opacity), solid(back)) >= TEXT


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("figure", [perplexity_figure(), norm_figure()], ids=["perplexity", "norm"])
def test_every_line_of_the_live_charts_can_be_seen_in_both_themes(figure, theme):
    colours = THEMES[theme]
    for trace in figure.data:
        palette = colours["chartCategoricalColors"]
        front = colours["textColor"] if trace.meta == "text" else palette[int(trace.meta)]
        back = colours["backgroundColor"]
        seen = pale(front, back, 1 if trace.opacity is None else trace.opacity)
        assert contrast(seen, solid(back)) >= SEEN, trace.name
