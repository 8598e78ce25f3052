"""A noisy sine predicted from its own past, one step ahead and many."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from pages.shared.controls import Bound
from pages.shared.i18n import _, join, sentences
from playground.cache import Cache
from playground.figures.autoregression import error_figure, forecast_figure
from playground.format import fixed, number
from playground.lesson_settings import MOST_AHEAD, ForecastConfig
from playground.records import Forecast
from playground.toys.autoregression.forecast import TRAINED_ON, forecast

_KEPT = 64
_MARKS = (1, 4, 16)
"""d2l's k, beside the one that is chosen."""


def lesson() -> None:
    """From one step ahead, which is easy, to many, which are not."""
    st.markdown(
        _(
            "The simplest way to predict a sequence is from its own last values. Here a sine with "
            "noise is predicted from the "
            "τ values before. **One** step ahead that works. To look **k** steps ahead, it has to "
            "take its own predictions "
            "for values, and its errors add up."
        )
    )
    series = Bound(ForecastConfig, "forecast")
    config = series.settings
    _controls(series)
    every_k = config.model_copy(update={"ahead": MOST_AHEAD})
    result = _forecasts().get(every_k, lambda: forecast(every_k))
    told = [
        _one_step(result),
        *([_many_steps(result, config.ahead)] if config.ahead > 1 else []),
        _on_its_own(result),
    ]
    steps = [k for k in _MARKS if k < config.ahead] + [config.ahead]
    st.plotly_chart(
        forecast_figure(result, steps, _),
        key="forecast",
        width="stretch",
        config={"displayModeBar": False},
        alt=_(
            "Line chart: the noisy sine and what is said of it {steps} steps ahead, and on its own. {told}"
        ).format(steps=join(steps), told=sentences(*told)),
    )
    for sentence in told:
        st.markdown(sentence)
    st.plotly_chart(
        error_figure(result, steps, _),
        key="forecast_errors",
        width="stretch",
        config={"displayModeBar": False},
        alt=_(
            "Line chart: the error against the steps ahead, beside repeating the last value, the mean "
            "and the noise alone."
        ),
    )
    _table(result, steps)
    st.caption(
        _(
            "Trained on the first {n} examples in {seconds} s: {epochs} epochs of Adam, as in d2l "
            "8.1. Errors are root mean squares "
            "over the {held_out} values after them, the same ones for every k."
        ).format(
            n=TRAINED_ON,
            seconds=number(result.seconds, 2),
            epochs=len(result.losses),
            held_out=len(result.series) - result.held_out,
        )
    )


@st.cache_resource(show_spinner=False)
def _forecasts() -> Cache[Forecast]:
    """What one person has tried, the next one finds."""
    return Cache(_KEPT)


def _controls(series: Bound[ForecastConfig]) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        series.choice("predictor")
        series.again(_("Another series"), help=_("Other noise and other first weights."))
    for column, name in zip(st.columns(3), ("tau", "noise", "ahead"), strict=True):
        with column:
            series.slider(name)


def _one_step(result: Forecast) -> str:
    told = _("One step ahead the error is {error}; the noise alone is {noise}.")
    return told.format(error=fixed(result.error(1), 3), noise=fixed(result.noise_error, 3))


def _many_steps(result: Forecast, k: int) -> str:
    error, last, mean = result.error(k), result.last_error(k), result.mean_error
    if error > max(last, mean):
        told = _(
            "{k} steps ahead the error is {error}: worse than always saying the mean ({mean}), and "
            "than repeating the last value "
            "seen ({last})."
        )
    elif error > last:
        told = _(
            "{k} steps ahead the error is {error}: worse than repeating the last value seen ({last}); "
            "the mean has {mean}."
        )
    elif error > mean:
        told = _(
            "{k} steps ahead the error is {error}: worse than always saying the mean ({mean}); the "
            "last value seen has {last}."
        )
    else:
        told = _(
            "{k} steps ahead the error is {error}: better than repeating the last value seen "
            "({last}), and than the mean ({mean})."
        )
    return told.format(k=k, error=number(error), last=number(last), mean=number(mean))


def _on_its_own(result: Forecast) -> str:
    told = {
        "constant": _(
            "From t = {t} on, left on its own, it comes to rest: it says {value} for ever, and its "
            "error is {error}."
        ),
        "away": _("From t = {t} on, left on its own, it runs away; its error is {error}."),
        "moving": _(
            "From t = {t} on, left on its own, it has not come to rest by the end, where it says "
            "about {value}; its error is {error}."
        ),
    }[result.ending]
    return told.format(t=result.held_out + 1, value=number(result.rest), error=number(result.alone_error))


def _table(result: Forecast, steps: list[int]) -> None:
    rows = pd.DataFrame(
        {
            _("steps ahead k"): steps,
            _("the trained predictor"): [number(result.error(k)) for k in steps],
            _("the last value seen"): [number(result.last_error(k)) for k in steps],
            _("the mean"): [number(result.mean_error)] * len(steps),
        }
    )
    st.dataframe(rows, hide_index=True, key="forecast_table")
