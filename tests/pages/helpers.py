"""What a page said and drew."""

from __future__ import annotations

import json


def said(app) -> str:
    kinds = ("text", "warning", "error", "info", "caption", "subheader", "markdown")
    return "\n".join(str(e.value) for kind in kinds for e in app.get(kind))


def panels(app) -> list:
    """The page's panels, without the frame that every page has."""
    return [panel for panel in app.get("bidi_component") if panel.proto.component_name != "frame"]


def sent(app, name: str | None = None) -> dict:
    """What a panel was given to draw.

    Args:
        name: The panel's; not needed where there is one, or one beside the list of runs.
    """
    every = panels(app)
    if len(every) > 1 or name is not None:
        every = [
            p
            for p in every
            if (p.proto.component_name != "run_list" if name is None else p.proto.component_name == name)
        ]
    (panel,) = every
    return json.loads(panel.proto.mixed.json if panel.proto.HasField("mixed") else panel.proto.json)


def linked(app) -> dict[str, str]:
    """The link, one value a name."""
    return {name: v[0] if isinstance(v, list) else v for name, v in app.query_params.items()}


def choose(app, key: str, value):
    next(group for group in app.get("button_group") if group.key == key).set_value(value).run()
    assert not app.exception
    return app
