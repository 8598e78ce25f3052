"""What a state is for: three models of a sequence, and a network unrolled over its steps."""

from __future__ import annotations

from collections.abc import Collection

import pandas as pd
import streamlit as st

from pages.shared.address import put
from pages.shared.controls import Bound
from pages.shared.i18n import _, join, sentences
from pages.shared.run_labels import run_labels
from pages.shared.run_picker import linked_run, open_chosen
from pages.shared.state import close_run, runs_here
from playground.cells import CELLS
from playground.config import ModelConfig
from playground.figures.graphs import model_figure, unrolled_figure
from playground.lesson_settings import NetworkConfig
from playground.models.graphs import history, latent, markov, unrolled
from playground.models.shapes import weight_shapes
from playground.records import Graph, WeightShape

_TOKENS, _STEPS = 4, 3
"""Of the three models' graphs, and of the network's."""
_OWN = "own"
_SETTINGS = (
    "cell",
    "num_layers",
    "bidirectional",
    "objective",
    "hidden_size",
    "input",
    "embedding_size",
    "vocab_size",
)


def lesson() -> None:
    """From what a prediction may depend on to the network that does it, number by number."""
    st.markdown(
        _(
            "To predict the next token one would like to know all that came before. That grows with "
            "every token; a **state** "
            "does not. It sums up what was read, and is all that the next prediction depends on: that is a "
            "**latent autoregressive model**."
        )
    )
    columns = st.columns(3)
    with columns[0]:
        _model(
            _("Markov"),
            markov(_TOKENS),
            r"P(x_{t+1} \mid x_t)",
            "markov",
            _("Only the last token counts; order n − 1 looks at the last n − 1."),
        )
    with columns[1]:
        _model(
            _("Autoregressive"),
            history(_TOKENS),
            r"P(x_{t+1} \mid x_t, x_{t-1}, \ldots, x_1)",
            "history",
            _("Every token before counts, and there are more of them at each step."),
        )
    with columns[2]:
        _model(
            _("With a latent state"),
            latent(_TOKENS),
            r"\begin{gathered} h_t = f(x_t, h_{t-1}) \\ P(x_{t+1} \mid h_t) \end{gathered}",
            "latent",
            _("The state h is never seen. It reads a token at a time and has always the same size."),
        )
    st.subheader(_("The network, unrolled"))
    config, vocab_size = _network()
    shapes = weight_shapes(config, vocab_size)
    st.plotly_chart(
        unrolled_figure(unrolled(config, _STEPS), shapes, _),
        key="latent_unrolled",
        width="stretch",
        config={"displayModeBar": False},
        alt=_(
            "Graph of the network over {n} steps: {layers} layers of {cell}, from tokens at the "
            "bottom to scores at the top."
        ).format(n=_STEPS, layers=config.num_layers, cell=config.cell.upper()),
    )
    st.caption(_meaning(config))
    _table(config, shapes)


def _model(name: str, graph: Graph, equation: str, key: str, told: str) -> None:
    st.markdown(f"**{name}**")
    st.plotly_chart(
        model_figure(graph, _),
        key=f"latent_{key}",
        width="stretch",
        config={"displayModeBar": False},
        alt=_("Graph: {name}. {told}").format(name=name, told=told),
    )
    st.latex(equation)
    st.caption(told)


def _network() -> tuple[ModelConfig, int]:
    """The network on show and its number of tokens: a run's, or one's own."""
    offered = {run.id: run for run in runs_here().all() if run.has_started}
    linked = linked_run()
    if linked is not None and not linked.has_started:
        st.info(_("The run you opened has not begun to train; here is a network of your own settings."))
    option = linked.id if linked is not None and linked.id in offered else _OWN
    labels = {_OWN: _("my own settings")} | run_labels(offered.values())
    put("latent_run", option, *labels.values())
    st.selectbox(
        _("Network"),
        list(labels),
        key="latent_run",
        format_func=lambda option: labels.get(option, option),
        on_change=_open,
        args=(tuple(offered),),
    )
    if option != _OWN:
        run = offered[option]
        assert run.facts is not None
        return run.config.model, run.facts.vocab_size
    own = _own()
    return own, own.vocab_size


def _open(offered: Collection[str]) -> None:
    if st.session_state.latent_run == _OWN:
        close_run()
    else:
        open_chosen("latent_run", offered)


def _own() -> NetworkConfig:
    """Draw the settings of a network that nobody has trained."""
    network = Bound(NetworkConfig, "latent", only=_SETTINGS)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        for name in ("cell", "num_layers", "bidirectional", "objective", "input"):
            if network.offers(name):
                network.draw(name)
    with st.container(horizontal=True):
        for name in ("hidden_size", "embedding_size", "vocab_size"):
            if network.offers(name):
                network.number(name, width=170)
    return network.settings


def _meaning(config: ModelConfig) -> str:
    """How to read the drawing."""
    told = [
        _(
            "Every column is a time step, and has the same weights as the next one: arrows along a row are "
            "one matrix."
        )
    ]
    if CELLS[config.cell].has_memory:
        told.append(
            _("The {cell}'s state is two vectors, h and c; scores are computed from h.").format(
                cell=config.cell.upper()
            )
        )
    if config.objective == "masked":
        told.append(
            _("The scores at a step are for its own token, so they come from the states before and after it.")
        )
    elif config.bidirectional:
        told.append(
            _(
                "The scores at a step are for the next token, which the reader from the end has "
                "already seen: a trap."
            )
        )
    else:
        told.append(_("The scores at a step are for the next token."))
    return sentences(*told)


def _table(config: ModelConfig, shapes: tuple[WeightShape, ...]) -> None:
    names = {
        "embedding": _("token → vector"),
        "input": _("what enters → {gates}"),
        "recurrent": _("state before → {gates}"),
        "bias": _("bias of {gates}"),
        "scores": _("state → scores"),
        "scores bias": _("bias of the scores"),
    }
    gates = join(CELLS[config.cell].gate_names)
    st.metric(_("Parameters in all"), f"{sum(shape.count for shape in shapes):,}")
    rows = pd.DataFrame(
        {
            _("Weights"): [shape.name for shape in shapes],
            _("Shape"): [" × ".join(f"{n:,}" for n in shape.shape) for shape in shapes],
            _("Parameters"): [f"{shape.count:,}" for shape in shapes],
            _("What for"): [names[shape.part].format(gates=gates) for shape in shapes],
        }
    )
    st.dataframe(rows, hide_index=True, key="latent_weights")
    st.caption(
        _(
            "The names are those in weights.safetensors. {blocks} blocks of {size} rows stand on each "
            "other in a recurrent matrix."
        ).format(blocks=len(CELLS[config.cell].gates), size=config.hidden_size)
    )
