"""What a class trains while its teacher looks."""

import pytest

from playground.records import RunStatus
from tests.helpers import some_text, tiny_config, until
from tests.people import MEI


@pytest.fixture
def training(manager):
    """A run of Mei's that trains until somebody stops it."""
    corpus = manager.store.library.add("Some text", some_text(600)).id
    id = manager.start(tiny_config(corpus=corpus, epochs="off"), owner=MEI).id
    until(lambda: manager.store.get(id).status is RunStatus.RUNNING)
    return id
