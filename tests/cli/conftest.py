"""Commands on a data directory and a text of the test's own."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from playground.cli import app
from tests.cli.helpers import SMALL
from tests.helpers import some_text


@pytest.fixture
def data(tmp_path) -> Path:
    return tmp_path / "data"


@pytest.fixture
def text_file(tmp_path) -> Path:
    file = tmp_path / "my text.txt"
    file.write_text(some_text(), "utf-8")
    return file


@pytest.fixture
def cli(data):
    """Runs a command on the test's own data directory."""

    def call(*words: object, **more: object):
        return CliRunner().invoke(app, [*map(str, words), "--data-dir", str(data)], **more)

    return call


@pytest.fixture
def train(cli, text_file):
    """Trains a small run; settings as on the command line."""

    def call(*words: object, **settings: object):
        given = {"corpus": text_file} | SMALL | {k.replace("_", "-"): v for k, v in settings.items()}
        options = [word for name, value in given.items() for word in (f"--{name}", value)]
        return cli("train", *options, *words, "--json")

    return call
