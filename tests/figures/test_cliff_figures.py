"""The cliff's figures."""

from __future__ import annotations

import numpy as np
import pytest

from playground.figures.cliff import cliff_figure, descent_figure, path_names
from playground.records import Cliff, Descent

SURFACE = Cliff(np.array([2.0, 4.0, 6.0]), np.tile([-4.0, -2.0, 0.0], (3, 1)), np.full((3, 3), 0.1))


def path(w, b, loss=None, norm=None, clipped=None) -> Descent:
    n = len(w)
    return Descent(
        np.array(w, float),
        np.array(b, float),
        np.full(n, 0.2) if loss is None else np.array(loss),
        np.full(n, 0.5) if norm is None else np.array(norm),
        np.zeros(n, bool) if clipped is None else np.array(clipped),
        True,
    )


INSIDE = path([3, 3.5, 4], [-2, -1.5, -1], loss=[0.2, 0.1, 0.05])
THROWN = path([3, 4, 1004, 1004], [-2, -2, -2, -2], norm=[0.1, 5000.0, 0.0, 0.0])


def lines(figure) -> dict:
    return {t.name: t for t in figure.data if t.type == "scatter3d" and t.showlegend is not False}


def test_the_surface_is_the_records():
    surface = cliff_figure(SURFACE, INSIDE).data[0]
    corners = np.column_stack([surface.x, surface.y, surface.z])
    wanted = [
        (w, b, v)
        for w, row, losses in zip(SURFACE.w, SURFACE.b, SURFACE.loss, strict=True)
        for b, v in zip(row, losses, strict=True)
    ]
    np.testing.assert_allclose(corners, wanted, rtol=1e-6)


def test_the_triangles_cover_the_window_once():
    surface = cliff_figure(SURFACE, INSIDE).data[0]
    flat = np.column_stack([surface.x, surface.y]).astype(float)
    a, b, c = (flat[corner] for corner in (surface.i, surface.j, surface.k))
    areas = np.abs((b - a)[:, 0] * (c - a)[:, 1] - (b - a)[:, 1] * (c - a)[:, 0]) / 2
    assert (areas > 0).all()
    assert areas.sum() == pytest.approx(16)
    middles = {tuple(middle) for middle in ((a + b + c) / 3).round(6).tolist()}
    assert len(middles) == len(areas) == 8


def test_a_path_within_stands_at_its_points_just_above_the_surface():
    line = lines(cliff_figure(SURFACE, INSIDE))["without clipping"]
    assert list(line.x) == INSIDE.w.tolist()
    assert list(line.y) == INSIDE.b.tolist()
    lift = np.array(line.z) - INSIDE.loss
    assert ((lift > 0) & (lift < 0.02)).all()
    assert [row[0] for row in line.customdata] == [0, 1, 2]
    assert [row[3] for row in line.customdata] == INSIDE.loss.tolist()  # what is told is not lifted


def test_a_point_outside_is_hollow_at_the_edge_on_its_way_and_tells_where_it_is():
    line = lines(cliff_figure(SURFACE, THROWN))["without clipping"]
    steps = [row[0] for row in line.customdata]
    assert steps == sorted(steps)
    assert steps.count(2) > 1  # the flight
    assert (line.x[-1], line.y[-1]) == (6.0, -2.0)
    assert list(line.customdata[-1]) == [3, 1004, -2, 0.2, 0]
    assert [s.endswith("open") for s in line.marker.symbol] == [step >= 2 for step in steps]
    assert sum(size > 0 for size in line.marker.size) == 4  # a marker a step, none on the way


@pytest.mark.parametrize("far", [(1000, 998), (-1000, 500), (0, -40), (6.5, -2), (5, 1e300)])
def test_nothing_is_drawn_beyond_the_surface(far):
    thrown = path([3, 4, far[0], 5], [-2, -2, far[1], -1], loss=[0.2, 0.48, 0.49, 0.1])
    line = lines(cliff_figure(SURFACE, thrown))["without clipping"]
    for values, (low, high) in zip((line.x, line.y, line.z), (*SURFACE.ends, (0, 0.5)), strict=True):
        assert low <= min(values)
        assert max(values) <= high
    at = [row[0] for row in line.customdata].index(3) - 1  # the last vertex of step 2
    way = np.array([line.x[at] - 4, line.y[at] + 2])
    assert np.cross([*way, 0], [far[0] - 4, far[1] + 2, 0])[2] == pytest.approx(
        0, abs=1e-6 * max(map(abs, far))
    )  # seven digits are sent


def test_a_pin_stands_at_the_last_point_of_each_path():
    figure = cliff_figure(SURFACE, THROWN, INSIDE, 1.0)
    pins = [t for t in figure.data if t.type == "scatter3d" and t.showlegend is False]
    for pin, line in zip(pins, lines(figure).values(), strict=True):
        assert [(x, y) for x, y in zip(pin.x, pin.y, strict=True)] == 2 * [(line.x[-1], line.y[-1])]
        assert pin.z[0] == line.z[-1] < pin.z[1]
        assert pin.z[1] - pin.z[0] + 0.49 < figure.layout.scene.zaxis.range[1]  # whatever the loss
        assert pin.marker.size[0] == 0 < max(line.marker.size) < pin.marker.size[1]
        assert pin.marker.symbol[1] == line.marker.symbol[-1]


@pytest.mark.parametrize("draw", [lambda *paths: cliff_figure(SURFACE, *paths), descent_figure])
def test_the_paths_differ_by_more_than_colour(draw):
    lines = [t for t in draw(INSIDE, INSIDE, 2.0).data if t.type != "mesh3d" and t.showlegend is not False]
    assert {t.name for t in lines} == set(path_names(2.0))
    for look in (lambda t: t.line.dash, lambda t: np.atleast_1d(t.marker.symbol)[0], lambda t: t.meta):
        assert len({look(t) for t in lines}) == 2
    assert draw(INSIDE, INSIDE, 2.0).layout.meta


def test_without_clipping_there_is_one_path_and_no_threshold():
    assert list(lines(cliff_figure(SURFACE, INSIDE))) == ["without clipping"]
    assert len(descent_figure(INSIDE).layout.shapes) == 1


def test_the_curves_are_the_paths_and_theta_is_a_line():
    figure = descent_figure(THROWN, INSIDE, 2.0)
    loss, norm = [t for t in figure.data if t.name == "without clipping"]
    assert list(loss.y) == THROWN.loss.tolist()
    assert list(norm.y) == [0.1, 5000.0, None, None]  # a log axis has no 0
    assert figure.layout.yaxis2.type == "log"
    now, theta = figure.layout.shapes
    assert (now.x0, now.x1) == (3, 3)
    assert (theta.y0, theta.yref, theta.name, theta.showlegend) == (2.0, "y2", "θ = 2", True)
