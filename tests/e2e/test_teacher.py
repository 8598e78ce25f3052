"""A teacher and a student, each at a browser: the wall, and a page that is shown to everybody."""

from __future__ import annotations

import re
from pathlib import Path

from playwright.sync_api import expect

from tests.e2e.conftest import KEY

PATIENCE = 60_000
"""Others use the machine at the same time."""


def test_the_teacher_sees_a_run_grow_stops_it_and_shows_a_page(class_server, visit_anew):
    student = visit_anew(class_server, "?cell=rnn&hidden_size=16&epochs=off&lang=en")
    student.press("start").expect_status("running")
    id = student.run()

    teacher = visit_anew(class_server, f"teacher?lang=en&teacher={KEY}")
    card = teacher.page.locator(f".wall article[data-run='{id}']")
    expect(card.locator("path.train")).to_have_attribute("d", re.compile("L"), timeout=PATIENCE)
    before = card.locator("path.train").get_attribute("d")
    expect(card.locator("path.train")).not_to_have_attribute("d", before or "", timeout=PATIENCE)
    expect(card.locator(".state")).to_have_text("training")
    with teacher.page.expect_download(timeout=PATIENCE) as download:
        teacher.page.locator(".st-key-wall_csv button").click()
    assert id in Path(download.value.path()).read_text("utf-8-sig")
    card.locator(".stop").click()
    expect(card.locator(".state")).to_have_text("stopped", timeout=PATIENCE)
    student.expect_status("stopped")

    teacher.page.goto(f"{class_server.url}/basics?view=zipf&lang=en")
    expect(teacher.page.locator(".st-key-show_to_all button")).to_be_enabled(timeout=PATIENCE)
    teacher.press("show_to_all")
    expect(student.page.locator(".st-key-stage_banner")).to_contain_text("Zipf", timeout=PATIENCE)
    student.press("come_along")
    student.page.wait_for_url("**/basics?*view=zipf*", timeout=PATIENCE)
    student.settle()
    teacher.press("stop_showing")
    expect(student.page.locator(".st-key-stage_banner")).to_contain_text("nothing any more", timeout=PATIENCE)
    student.press("go_back")
    student.page.wait_for_url(f"**/?*run={id}*", timeout=PATIENCE)
    student.settle()
    expect(student.page.locator(".st-key-stage_banner")).to_have_count(0)


def test_a_stop_that_was_refused_can_be_pressed_again(class_server, visit_anew):
    student = visit_anew(class_server, "?cell=rnn&hidden_size=16&epochs=off&lang=en")
    student.press("start").expect_status("running")
    teacher = visit_anew(class_server, f"teacher?lang=en&teacher={KEY}")
    card = teacher.page.locator(f".wall article[data-run='{student.run()}']")
    expect(card.locator(".state")).to_have_text("training", timeout=PATIENCE)
    seen = teacher.page.request.get(f"{class_server.url}/api/wall").json()
    teacher.page.route("**/api/wall*", lambda route: route.fulfill(json=seen))  # it learns of no end
    student.press("stop").expect_status("stopped")
    card.locator(".stop").click()
    expect(teacher.page.get_by_text("so it cannot be stopped")).to_be_visible(timeout=PATIENCE)
    expect(card.locator(".stop")).to_be_enabled(timeout=PATIENCE)


def test_a_student_has_no_wall(class_server, visit_anew):
    student = visit_anew(class_server, "teacher?lang=en")
    expect(student.page.get_by_text("This page shows the teacher of a class")).to_be_visible(timeout=PATIENCE)
    expect(student.page.locator(".wall")).to_have_count(0)
    refused = student.page.request.get(f"{class_server.url}/api/wall")
    assert refused.status == 403 and "Only the teacher" in refused.json()["error"]
