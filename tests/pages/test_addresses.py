"""Every address opens what it names, and keeps its words.

Links are handed out to classes and stand in lesson plans: whatever is built below them, these mean the same.
"""

from __future__ import annotations

from typing import Any

import pytest

from tests.pages.helpers import linked, said

KINDS = (
    "number_input",
    "slider",
    "select_slider",
    "selectbox",
    "multiselect",
    "text_input",
    "text_area",
    "toggle",
    "button_group",
)
LINKS: list[tuple[str, dict[str, str], dict[str, Any]]] = [
    (
        "train",
        {"cell": "gru", "num_layers": "2", "hidden_size": "64", "dropout": "0.1", "lr": "2.5"},
        {"Cell": "gru", "Layers": 2, "Hidden units": 64, "Dropout": 0.1, "Learning rate": 2.5},
    ),
    (
        "train",
        {"max_grad_norm": "off", "epochs": "off", "seed": "7", "threads": "2", "max_tokens": "1000"},
        {
            "Gradient clipping": False,
            "Until stopped": True,
            "Random seed": 7,
            "CPU threads": 2,
            "First tokens only": 1000,
        },
    ),
    (
        "train",
        {"bidirectional": "true", "objective": "masked", "input": "one-hot", "optimizer": "sgd"},
        {"Two directions": True, "Objective": "masked", "Input": "one-hot", "Optimiser": "sgd"},
    ),
    (
        "train",
        {
            "cell": "rnn",
            "nonlinearity": "relu",
            "corpus": "yujie_zhongbiao",
            "normalize": "spaced",
            "token_level": "word",
            "sampling": "random",
            "sample_prefix": "x y",
        },
        {
            "Cell": "rnn",
            "Activation": "relu",
            "Text": "yujie_zhongbiao",
            "Normalisation": "spaced",
            "Token": "word",
            "Sampling": "random",
            "Sample prefix": "x y",
        },
    ),
    (
        "train",
        {"run": "RUN"},
        {"Cell": "lstm", "Layers": 2, "Hidden units": 8, "Batch size": 2, "Time steps": 5},
    ),
    (
        "train",
        {"run": "RUN", "scoreboard": "on", "weight_averaging": "0.99"},
        {"Scoreboard: n-grams": True, "Weight averaging": 0.99},
    ),
    (
        "gates",
        {
            "run": "RUN",
            "epoch": "1",
            "text": "salt rain",
            "layer": "1",
            "gate": "o",
            "view": "all",
            "order": "mean",
            "unit": "3",
            "step": "2",
        },
        {
            "Moment of training": 1,
            "Sentence": "salt rain",
            "Layer": 1,
            "Gate or state": "o",
            "View": "all",
            "Units in order of": "mean",
            "Unit": 3,
            "Token": 2,
        },
    ),
    (
        "gates",
        {"run": "RUN", "view": "compare", "with": "OTHER", "at": "1"},
        {"View": "compare", "Compare with": "OTHER", "at": 1},
    ),
    (
        "write",
        {
            "run": "RUN",
            "prefix": "the tide",
            "temperature": "0.3",
            "length": "20",
            "top_k": "5",
            "top_p": "0.9",
            "seed": "7",
            "epoch": "1",
        },
        {
            "Go on from": "the tide",
            "Temperature": 0.3,
            "Length": 20,
            "Top-k": 5,
            "Top-p": 0.9,
            "Random seed": 7,
            "Moment of training": 1,
        },
    ),
    (
        "write",
        {"run": "RUN", "view": "training", "moments": "0 2"},
        {"View": "training", "Moments of training": [0, 2]},
    ),
    (
        "write",
        {"run": "RUN", "view": "surprise", "text": "the clock"},
        {"View": "surprise", "Text": "the clock"},
    ),
    (
        "basics",
        {"predictor": "rnn", "tau": "6", "noise": "0.1", "ahead": "16", "seed": "3"},
        {"Predictor": "rnn", "Values that it sees, τ": 6, "Noise": 0.1, "Steps ahead, k": 16},
    ),
    (
        "basics",
        {"view": "perplexity", "n": "3", "text": "tide", "at": "2", "p": "0.5", "normalize": "letters"},
        {
            "Lesson": "perplexity",
            "n: tokens, the guessed one included": 3,
            "Sentence": "tide",
            "Token": 1,
            "Its probability": 0.5,
            "Normalisation": "letters",
        },
    ),
    (
        "basics",
        {"view": "perplexity", "by": "run", "run": "RUN", "epoch": "0", "text": "salt"},
        {"Who guesses": "run", "Run": "RUN", "Moment of training": 0, "Sentence": "salt"},
    ),
    (
        "basics",
        {"view": "markov", "n": "2", "temperature": "0.5", "seed": "4", "text": "the", "held_out": "0.2"},
        {
            "n: tokens, the guessed one included": 2,
            "Temperature": 0.5,
            "Random seed": 4,
            "What has been read": "the",
            "Held-out part": 0.2,
        },
    ),
    (
        "basics",
        {
            "view": "latent",
            "cell": "gru",
            "num_layers": "2",
            "bidirectional": "true",
            "objective": "masked",
            "hidden_size": "32",
            "vocab_size": "40",
            "input": "embedding",
            "embedding_size": "8",
        },
        {
            "Cell": "gru",
            "Layers": 2,
            "Two directions": True,
            "Objective": "masked",
            "Hidden units": 32,
            "Different tokens": 40,
            "Input": "embedding",
            "Embedding size": 8,
        },
    ),
    ("basics", {"view": "latent", "run": "RUN"}, {"Network": "RUN"}),
    (
        "basics",
        {"view": "zipf", "token_level": "char", "max_tokens": "5000"},
        {"Token": "char", "First tokens only": 5000},
    ),
    (
        "basics",
        {
            "view": "partitioning",
            "batch_size": "3",
            "num_steps": "4",
            "sampling": "random",
            "deal": "2",
            "minibatch": "2",
        },
        {"Batch size": 3, "Time steps": 4, "Sampling": "random", "Epoch": 2, "Minibatch": 2},
    ),
    (
        "gradients",
        {"view": "cliff", "w": "5", "b": "-3", "rate": "0.1", "theta": "off", "steps": "50"},
        {
            "Weight w": 5.0,
            "Bias b": -3.0,
            "Learning rate": 0.1,
            "Clipping threshold θ": None,
            "Update steps": 50,
            "Starting point": (5.0, -3.0),
        },
    ),
    (
        "gradients",
        {
            "view": "reach",
            "show": "fresh",
            "hidden_size": "16",
            "gain": "1.2",
            "forget_bias": "2",
            "seed": "5",
            "path": "h",
            "scale": "absolute",
            "k": "25",
            "losses": "salt and rain",
        },
        {
            "Hidden units": "16",
            "Recurrent weights orthogonal × gain": True,
            "Initialisation gain": 1.2,
            "Forget bias": "2",
            "Gradient by": "h",
            "Scale": "absolute",
            "Tokens back": "25",
            "Text": "salt and rain",
        },
    ),
    (
        "gradients",
        {"view": "reach", "show": "runs", "runs": "RUN OTHER", "epoch": "1", "k": "25", "layer": "2"},
        {"Runs": ["RUN", "OTHER"], "Moment of training": 1, "Tokens back": "25", "Layer": "2"},
    ),
    ("gradients", {"view": "reach", "show": "longer", "lstm": "RUN"}, {"LSTM": "RUN"}),
    (
        "gradients",
        {"view": "reach", "show": "map", "of": "OTHER", "text": "salt", "epoch": "1"},
        {"Network": "OTHER", "Sentence": "salt", "Moment of training": 1},
    ),
    (
        "directions",
        {"view": "trap", "run": "TRAP", "text": "salt rain"},
        {"Lesson": "trap", "Sentence": "salt rain"},
    ),
    (
        "directions",
        {"view": "blanks", "run": "BLANKS", "text": "s_lt"},
        {"Lesson": "blanks", "Sentence": "s_lt"},
    ),
    (
        "directions",
        {"view": "features", "run": "BLANKS", "text": "salt"},
        {"Lesson": "features", "Sentence": "salt"},
    ),
]
WRONG: list[tuple[str, dict[str, str], tuple[str, ...]]] = [
    (
        "train",
        {"hidden_size": "7", "cell": "mlp", "corpus": "nosuch"},
        (
            "Hidden units is '7'; give a whole number from 8 to 1,024",
            "Cell is 'mlp'; choose one of rnn, gru, lstm",
            "which is not here",
        ),
    ),
    ("train", {"nonlinearity": "relu"}, ("goes with cell=rnn only",)),
    (
        "write",
        {"run": "RUN", "length": "0", "top_p": "2"},
        (
            "Length is '0'; give a whole number from 1 to 10,000",
            "Top-p is '2'; give a number above 0, up to 1, or off",
        ),
    ),
    ("basics", {"tau": "99"}, ("give a whole number from 1 to 16",)),
    ("basics", {"view": "markov", "temperature": "-1"}, ("Temperature is '-1'; give a number from 0 to 10",)),
    ("basics", {"view": "latent", "objective": "masked"}, ("predicts a token from both of its sides",)),
    ("basics", {"view": "partitioning", "minibatch": "99"}, ("There is no minibatch",)),
    ("gradients", {"view": "cliff", "w": "99"}, ("Weight w is '99'; give a number from 2 to 7",)),
    ("gradients", {"view": "reach", "show": "fresh", "hidden_size": "4"}, ("Hidden units is '4'",)),
]


@pytest.fixture
def open_link(page, trained):
    def open_page(name: str, link: dict[str, str]):
        wanted = " ".join(link.values())
        runs = {
            word: trained(**settings)
            for word, settings in (
                ("RUN", {"num_layers": 2}),
                ("OTHER", {"cell": "gru", "seed": 1}),
                ("TRAP", {"bidirectional": True}),
                ("BLANKS", {"bidirectional": True, "objective": "masked"}),
            )
            if word in wanted
        }

        def real(text):
            for word, id in runs.items():
                text = text.replace(word, id)
            return text

        link = {key: real(value) for key, value in link.items()}
        return (
            page(None if name == "train" else name, **link),
            link,
            lambda value: (
                real(value)
                if isinstance(value, str)
                else [real(item) if isinstance(item, str) else item for item in value]
                if isinstance(value, list)
                else value
            ),
        )

    return open_page


def shown(app) -> dict[str, list[Any]]:
    """What the controls stand at, by their labels; two may have the same one."""
    values: dict[str, list[Any]] = {}
    for kind in KINDS:
        for widget in app.get(kind):
            values.setdefault(widget.proto.label, []).append(widget.value)
    return values


@pytest.mark.parametrize(("name", "link", "stands"), LINKS, ids=lambda v: v if isinstance(v, str) else None)
def test_an_address_opens_what_it_names_and_keeps_its_words(open_link, name, link, stands):
    app, link, real = open_link(name, link)
    assert not app.error
    for _ in range(2):  # and it still does when the page is drawn again
        controls = shown(app)
        for label, value in stands.items():
            assert real(value) in controls.get(label, []), f"{label}: {controls.get(label)}"
        assert link.items() <= linked(app).items()
        app.run()
        assert not app.exception


@pytest.mark.parametrize(("name", "link", "told"), WRONG, ids=lambda v: v if isinstance(v, str) else None)
def test_a_wrong_address_is_told_with_the_figures_and_the_page_stands(open_link, name, link, told):
    app, _link, _real = open_link(name, link)
    assert not app.exception
    for sentence in told:
        assert sentence in said(app).replace("\\", "")
