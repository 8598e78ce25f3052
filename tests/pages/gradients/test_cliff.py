"""The lesson of the cliff, without a browser."""

from __future__ import annotations

import pytest

from pages.gradients import cliff as lesson
from playground.lesson_settings import DescentConfig
from playground.toys.cliff import both_paths, descend, loss_surface
from tests.pages.helpers import choose, linked, said, sent


@pytest.fixture
def cliff(page):
    return lambda **link: page("gradients", view="cliff", **link)


def table(app):
    (element,) = app.table
    return element.value


def test_as_it_opens_it_tells_what_happened_with_the_figures_of_the_paths(cliff):
    app = cliff()
    plain, clipped = both_paths(DescentConfig())
    told = said(app)
    left = loss_surface().left_at(plain)
    assert f"at step {left} the gradient is {plain.norm[left]:,.0f} long" in told
    assert f"{clipped.times_clipped} of 100 gradients are pulled back to θ." in told
    assert f"is {clipped.loss[-1]:.3g} after 100 steps" in told
    shown = table(app)
    assert list(shown.columns) == ["without clipping", "with clipping, θ = 1"]
    assert shown.loc["loss at the end"].tolist() == [f"{plain.loss[-1]:.3g}", f"{clipped.loss[-1]:.3g}"]
    assert shown.loc["longest gradient", "without clipping"] == f"{plain.norm[left]:,.0f} at step {left}"


def test_the_panel_has_both_figures_with_their_alternatives(cliff):
    told = sent(cliff())
    assert told["steps"] == 100
    assert "3-D surface" in told["figures"]["surface"]["layout"]["meta"]
    assert "Line charts" in told["figures"]["curves"]["layout"]["meta"]
    assert [t["type"] for t in told["figures"]["surface"]["data"]] == ["mesh3d"] + 4 * ["scatter3d"]


def test_where_there_is_no_wall_both_paths_are_the_same(cliff):
    app = cliff()
    choose(app, "cliff_start", (3.0, -1.0))
    assert "never stood higher" in said(app)
    assert "no gradient is longer than θ" in said(app)
    assert (linked(app)["w"], linked(app)["b"]) == ("3", "-1")


def test_an_emptied_threshold_turns_clipping_off(cliff):
    app = cliff()
    app.number_input(key="cliff_theta").set_value(None).run()
    assert "Clipping is off" in said(app)
    assert linked(app)["theta"] == "off"
    assert len(table(app).columns) == 1
    app.number_input(key="cliff_theta").set_value(1.0).run()
    assert "theta" not in linked(app)
    assert len(table(app).columns) == 2


def test_a_loose_threshold_lets_the_clipped_path_leave_too(cliff):
    told = said(cliff(theta=100))
    assert told.count("leaves the figure") == 2
    assert "1 of 100 gradients are pulled back" in told


def test_a_path_that_climbs_and_stays_is_told_as_such(cliff):
    app = cliff(w=5, b=-2.4, theta="off")
    assert "rose to" in said(app)
    assert "leaves the figure" not in said(app)


def test_a_path_whose_numbers_end_is_told():
    lost = descend((4.5, 0.5 - 4.5 * 0.6224593312018546), lr=1e308, threshold=None, steps=5)
    assert "The next point would be no finite number" in lesson._story(loss_surface(5, 5), lost)


def test_the_link_sets_everything_and_every_control_writes_it(cliff):
    app = cliff(w=5, b=-3, rate=0.4, theta=0.25, steps=50)
    assert app.slider(key="cliff_w").value == 5
    assert app.slider(key="cliff_b").value == -3
    assert app.number_input(key="cliff_rate").value == 0.4
    assert app.number_input(key="cliff_theta").value == 0.25
    assert app.number_input(key="cliff_steps").value == 50
    app.slider(key="cliff_w").set_value(6.0).run()
    app.slider(key="cliff_b").set_value(-2.0).run()
    app.number_input(key="cliff_rate").set_value(0.5).run()
    app.number_input(key="cliff_steps").set_value(60).run()
    now = linked(app)
    assert {name: now.get(name) for name in ("w", "b", "rate", "theta", "steps")} == {
        "w": "6",
        "b": "-2",
        "rate": None,
        "theta": "0.25",
        "steps": "60",
    }
    assert sent(app)["steps"] == 60


@pytest.mark.parametrize(
    ("name", "value", "label"),
    [("theta", v, "Clipping threshold θ") for v in ("0", "-1", "nan", "abc", "1e308")]
    + [
        ("rate", "-0.5", "Learning rate"),
        ("w", "9", "Weight w"),
        ("b", "x", "Bias b"),
        ("steps", "0", "Update steps"),
    ],
)
def test_a_wrong_value_in_the_link_is_told_and_the_usual_one_taken(cliff, name, value, label):
    app = cliff(**{name: value})
    (warning,) = app.warning
    assert f"{label} is '{value}'; give a" in warning.value
    assert "The usual value is used instead." in warning.value
    assert sent(app)["key"] == f"en {DescentConfig().model_dump_json()}"


def test_a_number_out_of_range_in_a_field_is_told(cliff):
    app = cliff()
    app.number_input(key="cliff_rate").set_value(-1.0).run()
    assert "Learning rate is -1; give a number above 0, up to 100." in said(app)


def test_it_speaks_chinese(cliff):
    app = cliff(lang="zh")
    assert "悬崖" in said(app)
    assert list(table(app).columns) == ["不裁剪", "裁剪，θ = 1"]
