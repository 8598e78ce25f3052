"""The server's limits on the teacher's page."""

import pytest

from playground.errors import NotAllowed
from tests.pages.helpers import said
from tests.people import MEI, TEACHER


def field(app, name):
    return next(field for field in app.text_input if str(field.key).startswith(f"limit_{name}_"))


def apply(app):
    return next(
        button for button in app.button if "limits" in str(button.key) and "reset" not in str(button.key)
    )


def test_a_teacher_changes_limits_while_the_server_runs_and_takes_it_back(page, seen_by, manager):
    seen_by(TEACHER)
    app = page("teacher")
    assert field(app, "runs_per_person").value == "3" and app.button(key="limits_reset").disabled
    field(app, "runs_per_person").set_value("5")
    field(app, "run_minutes").set_value("20")
    apply(app).click().run()
    now = manager.store.settings.get()
    assert (now.runs_per_person, now.run_minutes, now.disk_per_person) == (5, 20.0, 500)
    assert field(app, "runs_per_person").value == "5"
    told = [success.value for success in app.success]
    assert told == [
        "Applied. Runs of a person that wait, train or were paused just now: 5; Minutes that a run may take, by its "
        "estimate: 20"
    ]
    apply(app).click().run()
    assert [success.value for success in app.success] == ["Applied. Nothing has changed."]
    assert not app.run().success
    app.button(key="limits_reset").click().run()
    assert "train or were paused just now: 3" in app.success[0].value
    assert manager.store.settings.changed() == {} and field(app, "runs_per_person").value == "3"


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_what_cannot_be_is_told_with_its_range_and_nothing_is_changed(page, seen_by, manager, lang):
    seen_by(TEACHER)
    app = page("teacher", lang=lang)
    field(app, "disk_per_person").set_value("-1")
    field(app, "runs_per_person").set_value("5")
    apply(app).click().run()
    told = said(app)
    assert "-1" in told and "10,000,000" in told and "disk_per_person" not in told and not app.success
    label = {"en": "'Megabytes of weights of a person's runs'", "zh": "“"}[lang]
    assert label in told.replace('"', "'")
    assert manager.store.settings.changed() == {}


def test_only_a_teacher_changes_limits(seen_by, manager):
    server = seen_by(MEI)
    for change in (lambda here: here.set_limits({"runs_per_person": 50}), lambda here: here.reset_limits()):
        with pytest.raises(NotAllowed, match="Only the teacher"):
            change(server.runs_of(MEI))
    assert manager.store.settings.changed() == {}
