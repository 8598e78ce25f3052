"""The choice of a device: what is not on this machine is grey, with the reason, and is refused at once."""

from __future__ import annotations

import streamlit as st

from pages.shared.controls import Bound
from pages.shared.i18n import _, explain, with_aside
from pages.shared.state import runs_here
from playground.config import RunConfig
from playground.errors import ConfigError


def require_device(config: RunConfig) -> None:
    """Raise ConfigError where a set-up names a device that is not on this machine."""
    reason = runs_here().missing_devices().get(config.train.device)
    if reason is not None:
        raise ConfigError(reason.message, **{**reason.params, "name": "device"})


def control(setup: Bound[RunConfig]) -> None:
    """Draw the choice; a press on what is not here leaves it where it was, and says why."""
    missing, absent = runs_here().missing_devices(), _("not here")
    labels = {
        device: f":gray[{with_aside(label, absent)}]" if device in missing else label
        for device, label in setup.words("device", ("auto", "cpu", "cuda", "mps")).items()
    }
    setup.choice("device", labels)
    for reason in missing.values():
        st.caption(explain(reason, setup.control("device").words))
