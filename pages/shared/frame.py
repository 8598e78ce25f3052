"""What stands round the pages: the document's language, and Streamlit's own words in it.

Streamlit's menu, uploader and hints know English alone. The panel `frame` tells the browser which language the
document is in (glyph forms and a reader's voice follow it) and says their words in it.
"""

from __future__ import annotations

from pages.shared.i18n import _, html_language, language
from pages.shared.panels import Panel
from playground.errors import gettext_noop

_PANEL = Panel("frame")
THEIRS = (
    gettext_noop("Main menu"),
    gettext_noop("Rerun"),
    gettext_noop("Auto rerun"),
    gettext_noop("Settings"),
    gettext_noop("Print"),
    gettext_noop("Record screen"),
    gettext_noop("Record a screencast"),
    gettext_noop("About"),
    gettext_noop("Get help"),
    gettext_noop("Theme"),
    gettext_noop("System"),
    gettext_noop("Light"),
    gettext_noop("Dark"),
    gettext_noop("Made with Streamlit v"),
    gettext_noop("Running..."),
    gettext_noop("Connecting"),
    gettext_noop("Stop"),
    gettext_noop("Close"),
    gettext_noop("Collapse sidebar"),
    gettext_noop("Expand sidebar"),
    gettext_noop("Skip to main content"),
    gettext_noop("App pages"),
    gettext_noop("Sidebar"),
    gettext_noop("Notifications"),
    gettext_noop("Page not found"),
    gettext_noop("The page that you have requested does not seem to exist. Running the app's main page."),
    gettext_noop("Upload"),
    gettext_noop("Browse files"),
    gettext_noop("Drag and drop file here"),
    gettext_noop("{} per file"),
    gettext_noop("{} per file • TXT"),
    gettext_noop("Press Enter to apply"),
    gettext_noop("Press Ctrl+Enter to apply"),
    gettext_noop("Press ⌘+Enter to apply"),
    gettext_noop("No results"),
    gettext_noop("No options to select"),
    gettext_noop("Open"),
    gettext_noop("Clear value"),
    gettext_noop("Clear all"),
    gettext_noop("Select all"),
    gettext_noop("Selected values"),
    gettext_noop("Increment"),
    gettext_noop("Decrement"),
    gettext_noop("Fullscreen"),
    gettext_noop("Close fullscreen"),
    gettext_noop("Download as CSV"),
    gettext_noop("Search"),
    gettext_noop("Show/hide columns"),
    gettext_noop("Sort ascending"),
    gettext_noop("Sort descending"),
    gettext_noop("Autosize"),
    gettext_noop("Pin column"),
    gettext_noop("Unpin column"),
    gettext_noop("Hide column"),
    gettext_noop("Copy to clipboard"),
    gettext_noop("Link to heading"),
    gettext_noop("Help for {}"),
    gettext_noop("Shortcut {}"),
    gettext_noop("Show/hide columns: {}"),
    gettext_noop("Download as CSV: {}"),
    gettext_noop("Search: {}"),
    gettext_noop("Fullscreen: {}"),
)
"""Streamlit's words, as they stand in a browser; `{}` stands for what differs."""


def draw(page: str) -> None:
    """Tell the browser the language, on every page.

    Args:
        page: Which one it is: a phone's drawer closes after another one is chosen.
    """
    words = {} if language() == "en" else {theirs: _(theirs) for theirs in THEIRS}
    _PANEL.draw("frame", {"language": html_language(), "page": page, "words": words})
