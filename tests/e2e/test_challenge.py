"""A teacher and a student, each at a browser: a challenge from its making to its end."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.e2e.conftest import KEY
from tests.helpers import until

PATIENCE = 60_000
"""Others use the machine at the same time."""
TINY = "cell=rnn&hidden_size=16&batch_size=4&num_steps=10&epochs=2"
LINES = ".challenge-board tbody tr:not(.rung)"


def test_a_challenge_is_made_taken_part_in_watched_and_ended(class_server, visit_anew):
    teacher = visit_anew(class_server, f"teacher?lang=en&teacher={KEY}")
    teacher.page.locator(".st-key-challenge_menu button").first.click()
    teacher.page.get_by_label("Title").fill("Lesson <b>5</b>")
    teacher.page.keyboard.press("Tab")
    teacher.settle()
    teacher.page.locator(".st-key-challenge_max_tokens input").wait_for(state="attached")
    teacher.press("make_challenge")
    expect(teacher.page.locator(".challenge-board .nothing")).to_contain_text(
        "Nobody has started", timeout=PATIENCE
    )
    expect(teacher.page.locator(".challenge-board tr.rung").first).to_contain_text("-gram")
    expect(teacher.page.locator(".st-key-make_challenge")).to_have_count(0)  # it has closed with the press
    teacher.page.locator(".st-key-challenge_menu button").first.click()
    expect(teacher.page.locator(".st-key-make_challenge")).to_be_visible(timeout=PATIENCE)  # for another one
    teacher.page.locator(".st-key-challenge_menu button").first.click()
    expect(teacher.page.locator(".st-key-make_challenge")).to_be_hidden()
    teacher.page.locator(".st-key-challenge_link button").first.click()
    link = teacher.page.locator(
        ".st-key-challenge_link code, [data-testid=stPopoverBody] code"
    ).first.inner_text()
    assert link.startswith(f"{class_server.url}/?challenge=")

    teacher.page.keyboard.press("Escape")
    teacher.press("show_challenge")
    expect(teacher.page.get_by_text("You show everybody: Train · Lesson <b>5</b>")).to_be_visible(
        timeout=PATIENCE
    )
    expect(teacher.page.get_by_text("Nobody is told of it by itself")).to_have_count(0, timeout=PATIENCE)

    student = visit_anew(class_server, link.removeprefix(f"{class_server.url}/") + f"&lang=en&{TINY}")
    expect(student.page.get_by_text("Lesson <b>5</b>").first).to_be_visible()
    expect(student.page.locator(".st-key-held_out input")).to_be_disabled()
    student.press("start").expect_status("finished")
    for person in (student, teacher):
        line = person.page.locator(LINES)
        expect(line.locator(".rank")).to_have_text("1", timeout=PATIENCE)
        expect(line.locator(".network")).to_have_text("RNN 16")
    expect(student.page.locator(LINES)).to_contain_text("(you)")

    def is_settled() -> bool:
        """Both boards ask by themselves, and so does the chart: all three tell the best epoch in the end."""
        heldout = student.page.evaluate("Math.min(...document.querySelector('.perplexity').data[2].y)")
        first, second = (
            float(person.page.locator(LINES).locator(".perplexity").inner_text())
            for person in (student, teacher)
        )
        return first == second > 1 and abs(heldout - first) <= 0.0051 + 5e-4 * heldout  # it has four digits

    until(is_settled)

    student.page.goto(student.page.url.replace("hidden_size=16", "hidden_size=1024").split("&run=")[0])
    student.settle()
    expect(student.page.get_by_text("hidden units it fits.").first).to_be_visible(timeout=PATIENCE)
    student.page.set_viewport_size({"width": 390, "height": 844})
    assert student.fits(390)

    teacher.page.keyboard.press("Escape")
    teacher.page.locator(".st-key-end_menu button").first.click()
    teacher.press("end_challenge")
    expect(teacher.page.get_by_text("This challenge has ended.")).to_be_visible(timeout=PATIENCE)
    expect(student.page.get_by_text("Your teacher shows: Train")).to_have_count(0, timeout=PATIENCE)
    teacher.page.locator(LINES).get_by_role("button", name="Open").click()
    teacher.page.wait_for_url("**/?*run=*challenge=*", timeout=PATIENCE)
    teacher.settle()
    expect(teacher.page.locator(LINES).locator(".rank")).to_have_text("1", timeout=PATIENCE)
