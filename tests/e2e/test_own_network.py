"""What a server does on the network, with a real browser: no links from people's text, no rebound names."""

from __future__ import annotations

from urllib.parse import quote

from playwright.sync_api import expect

from tests.pages.test_no_live_links import HOSTILE


def test_no_address_in_a_message_can_be_clicked(server, visit):
    for link in (f"?run={quote(HOSTILE)}&cell={quote(HOSTILE)}", f"gates?view=compare&with={quote(HOSTILE)}"):
        page = visit(server, link).page
        expect(page.get_by_test_id("stAlert").filter(has_text="evil.example").first).to_be_visible()
        hrefs = page.locator("a").evaluate_all("links => links.map(link => link.href)")
        assert not [href for href in hrefs if "evil" in href]
        assert page.locator("img[src*=evil]").count() == 0
