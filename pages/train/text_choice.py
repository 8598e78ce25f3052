"""What another text changes beside itself."""

from __future__ import annotations

from pages.shared.controls import Bound
from playground.config import RunConfig
from playground.presets import PRESETS

_OURS = frozenset(str(settings.get("sample_prefix", "")) for settings in PRESETS.values()) - {""}


def with_text(setup: Bound[RunConfig]) -> dict[str, object]:
    """The settings that go with another text: words of our own that samples began with are of the last one.

    Args:
        setup: What the controls stand at. What a person typed there stays.
    """
    return {"sample_prefix": ""} if setup.settings.train.sample_prefix in _OURS else {}
