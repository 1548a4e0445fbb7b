"""Plots: digests know a figure again, words describe it, drawings show what they should."""

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pytest
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output

from coursecore import functional as F
from coursecore import graph, nn, plots, train

mpl.use("Agg")
LINE = np.linspace(0.0, 1.0, 20)
HISTORY = train.History(train=[1.0, 0.5, 0.3], valid=[1.1, 0.7, 0.8], best_epoch=1)


@pytest.fixture(autouse=True)
def fresh_figures():
    with mpl.rc_context():
        yield
    plt.close("all")


def curve(y=None, colour="red", title="a title", label="a label"):
    figure, ax = plt.subplots()
    ax.plot(LINE, LINE**2 if y is None else y, color=colour, label=label)
    ax.set(title=title, xlabel="step", ylabel="cost")
    return figure


def bars(heights=(1.0, 2.0, 3.0), colour="red"):
    figure, ax = plt.subplots()
    ax.bar(range(3), heights, color=colour)
    return figure


def image(pixels=None, cmap="gray"):
    figure, ax = plt.subplots()
    ax.imshow(np.outer(LINE, LINE) if pixels is None else pixels, cmap=cmap)
    return figure


def points(y=None, colour="red"):
    figure, ax = plt.subplots()
    ax.scatter(LINE, LINE if y is None else y, color=colour)
    return figure


def arrows(v=None, colour="red"):
    figure, ax = plt.subplots()
    ax.quiver(LINE, LINE, LINE, LINE if v is None else v, color=colour)
    return figure


def contours(Z=None):
    figure, ax = plt.subplots()
    ax.contour(np.outer(LINE, LINE) if Z is None else Z, levels=[0.0125, 0.5])
    return figure


def moved(y, by):
    y = np.array(y, dtype=float)
    y.flat[7 % y.size] += by
    return y


DRAWINGS = {
    "line": (curve, LINE**2), "bars": (bars, np.array([1.0, 2.0, 3.0])),
    "image": (image, np.outer(LINE, LINE)), "points": (points, LINE),
    "arrows": (arrows, LINE), "contours": (contours, np.outer(LINE + 0.03, LINE + 0.03)),
}  # fmt: skip


@pytest.mark.parametrize(("draw", "data"), DRAWINGS.values(), ids=DRAWINGS)
def test_the_digest_knows_the_data_again(draw, data):
    digest = plots.digest(draw(data))
    assert digest == plots.digest(draw(data))
    assert digest == plots.digest(draw(moved(data, 1e-12)))
    assert digest != plots.digest(draw(moved(data, 1e-3)))


@pytest.mark.parametrize("draw", [curve, bars, points, arrows])
def test_the_digest_ignores_colours(draw):
    assert plots.digest(draw(colour="red")) == plots.digest(draw(colour="blue"))


def test_the_digest_ignores_the_last_bits_of_zero():
    noise = 1e-17 * np.cos(np.arange(20))
    assert plots.digest(curve(np.zeros(20))) == plots.digest(curve(noise))
    assert plots.digest(curve(np.zeros(20))) == plots.digest(curve(np.zeros(20) * -1.0))


def test_the_digest_sees_texts_and_missing_parts():
    digest = plots.digest(curve())
    assert digest != plots.digest(curve(title="another"))
    assert digest != plots.digest(plt.figure())
    annotated = curve()
    annotated.axes[0].text(0.5, 0.5, "here")
    assert digest != plots.digest(annotated)
    two = curve()
    two.axes[0].plot([0, 1], [0, 1])
    assert digest != plots.digest(two)


def test_the_digest_sees_labels_of_curves():
    assert plots.digest(curve(label="training")) != plots.digest(curve(label="validation"))


def test_the_digest_takes_masked_images_and_nan():
    masked = np.ma.masked_less(np.outer(LINE, LINE), 0.5)
    assert len(plots.digest(image(masked))) == 16
    assert len(plots.digest(curve(np.where(LINE > 0.5, np.nan, LINE)))) == 16


def test_the_digest_does_not_depend_on_the_size_of_the_figure():
    small, large = curve(), curve()
    large.set_size_inches(12, 9)
    large.set_dpi(200)
    assert plots.digest(small) == plots.digest(large)
    small, large = bars(), bars()
    large.set_size_inches(12, 9)
    assert plots.digest(small) == plots.digest(large)


def test_describe_says_labels_and_ranges():
    figure = curve()
    figure.axes[0].set(xlim=(0, 1), ylim=(-2, 5))
    words = plots.describe(figure)
    for word in ("a title", "1 line", "a label", "step from 0 to 1", "cost from -2 to 5"):
        assert word in words


def test_describe_counts_what_is_drawn():
    assert "3 bars or shapes" in plots.describe(bars())
    assert "1 image" in plots.describe(image())
    assert "1 set of points or arrows" in plots.describe(points())
    figure, axes = plt.subplots(1, 2)
    for ax in axes:
        ax.plot(LINE, LINE)
    assert plots.describe(figure).count("1 line") == 2


def shown(call):
    """Run a call in a notebook's shell and return what it displayed."""
    InteractiveShell.instance()
    try:
        with capture_output() as captured:
            call()
    finally:
        InteractiveShell.clear_instance()
    return captured.outputs


def assert_picture(outputs, figure, see):
    picture, line = outputs
    assert sorted(picture.data) == ["image/png"]
    assert len(picture.data["image/png"]) > 1_000
    assert picture.metadata["figure"] == plots.digest(figure)
    alt = picture.metadata["image/png"]["alt"]
    assert plots.describe(figure) in alt
    assert see.lower() in alt.lower()
    assert line.data["text/markdown"] == f"**See:** {see}"


def enable_png():
    from IPython.core.pylabtools import select_figure_formats

    select_figure_formats(InteractiveShell.instance(), {"png"})


def test_show_stores_picture_alternative_text_and_digest():
    figure = curve()

    def call():
        enable_png()
        plots.show(figure, "the curve bends upward")

    assert_picture(shown(call), figure, "the curve bends upward")
    assert plt.get_fignums() == []


def test_interact_draws_the_first_choice_when_static(monkeypatch):
    monkeypatch.setenv("COURSECORE_STATIC", "1")
    drawn = []

    def draw(lr, width):
        drawn.append(curve(lr * LINE + width))
        return drawn[-1]

    def call():
        enable_png()
        plots.interact(draw, "a line", lr=([0.1, 0.5], 0.5), width=([1, 2, 3], 2))

    outputs = shown(call)
    assert len(drawn) == 1
    np.testing.assert_allclose(drawn[0].axes[0].lines[0].get_ydata(), 0.5 * LINE + 2)
    assert_picture(outputs, drawn[0], "a line")


def test_interact_gives_a_slider_for_each_control(monkeypatch):
    monkeypatch.delenv("COURSECORE_STATIC", raising=False)
    asked = []
    monkeypatch.setattr("ipywidgets.interact", lambda fun, **sliders: asked.append(sliders))
    plots.interact(lambda lr: curve(lr * LINE), "a line", lr=([0.1, 0.5], 0.5))
    assert asked[0]["lr"].options == (0.1, 0.5)
    assert asked[0]["lr"].value == 0.5


# ------------------------------------------------------------------- drawings


def test_loss_curves_draw_both_costs_and_the_best_epoch():
    figure = plots.loss_curves(HISTORY)
    training, validation, best = figure.axes[0].lines
    np.testing.assert_array_equal(training.get_xydata(), [[1, 1.0], [2, 0.5], [3, 0.3]])
    np.testing.assert_array_equal(validation.get_ydata(), [1.1, 0.7, 0.8])
    np.testing.assert_array_equal(best.get_xydata(), [[2, 0.7]])
    assert training.get_color() == plots.COLOURS["train"]
    assert validation.get_color() == plots.COLOURS["valid"]
    assert training.get_linestyle() != validation.get_linestyle()
    words = plots.describe(figure)
    assert "training, validation, best epoch" in words
    assert "epoch" in figure.axes[0].get_xlabel()


def test_loss_curves_without_validation():
    figure = plots.loss_curves(train.History(train=[2.0, 1.0], best_epoch=1))
    assert [line.get_label() for line in figure.axes[0].lines] == ["training"]


def test_drawings_go_into_given_axes():
    figure, (left, right) = plt.subplots(1, 2)
    X, t = np.array([[0.0, 0.0], [1.0, 1.0]]), np.array([0, 1])
    assert plots.loss_curves(HISTORY, ax=left) is figure
    assert plots.decision_boundary(lambda P: np.zeros(len(P)), X, t, ax=right) is figure
    assert len(right.lines) == 2


def test_decision_boundary_colours_the_classes():
    X = np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0], [1.0, 1.0]])
    t = np.array([0, 1, 1, 2])
    params = [
        {"W": np.array([[-1.0, -1.0], [0.0, 0.0], [1.0, 1.0]]), "b": [0.5, 0.0, -1.5]}
    ]
    figure = plots.decision_boundary(lambda P: nn.predict(params, P), X, t, num_steps=30)
    ax = figure.axes[0]
    assert [line.get_label() for line in ax.lines] == ["class 0", "class 1", "class 2"]
    assert len({line.get_color() for line in ax.lines}) == 3
    assert len({line.get_marker() for line in ax.lines}) == 3
    for k, line in enumerate(ax.lines):
        np.testing.assert_array_equal(line.get_xydata(), X[t == k])
    low, high = ax.dataLim.get_points()
    assert (low < 0).all()
    assert (high > 1).all()


@pytest.mark.parametrize("t", [np.array([0, 2, 0, 2]), np.array([1, 2, 1, 2])])
def test_decision_boundary_colours_regions_as_points_whatever_the_classes(t):
    """Classes that do not run 0, 1, 2 … keep their own colours in the regions."""
    X = np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0], [1.0, 1.0]])
    low, high = sorted(set(t))
    predict = lambda P: np.where(P[:, 0] > 0.5, high, low)
    figure = plots.decision_boundary(predict, X, t, num_steps=30)
    regions = figure.axes[0].collections[0]
    drawn = [
        mpl.colors.to_hex(colour)
        for colour, path in zip(regions.get_facecolor(), regions.get_paths(), strict=True)
        if len(path.vertices)
    ]
    assert drawn == [line.get_color() for line in figure.axes[0].lines]


def test_decision_boundary_takes_seven_classes():
    X, t = np.stack([np.arange(7.0), np.arange(7.0)], axis=1), np.arange(7)
    predict = lambda P: np.clip(np.round(P[:, 0]), 0, 6)
    figure = plots.decision_boundary(predict, X, t, num_steps=20)
    assert len(figure.axes[0].lines) == 7


# ---------------------------------------------------------------- the graph


def logistic(w, x, b):
    return np.tanh(w * x + b)


def named(w, x, b, t):
    z = w * x + b
    y = F.sigmoid(z)
    loss = 0.5 * (y - t) ** 2
    return {"z": z, "y": y, "loss": loss}


def texts(figure):
    return [text.get_text() for text in figure.axes[0].texts if text.get_text()]


def test_graph_draws_names_values_and_bars():
    figure = plots.graph(named, 2.0, 0.5, 0.1, 1.0, bars=True)
    drawn = texts(figure)
    for label in ("w", "x", "b", "t", "z", "y", "loss"):
        assert label in drawn
    for value in ("2", "1.1", f"{F.sigmoid(1.1):.3g}", f"{F.sigmoid(1.1) - 1:.3g}"):
        assert value in drawn
    assert len(texts(plots.graph(named, 2.0, 0.5, 0.1, 1.0))) == 14
    assert len(texts(plots.graph(named, 2.0, 0.5, 0.1, 1.0, values=False))) == 7
    words = plots.describe(figure)
    assert "7 nodes" in words
    assert "z to y" in words


def test_graph_shows_shapes_of_arrays():
    figure = plots.graph(lambda W, x: np.sum(W @ x), np.ones((2, 3)), np.ones(3), bars=True)
    assert "2 × 3" in texts(figure)
    assert "@" in texts(figure)


def test_the_digest_of_a_graph_sees_its_values():
    digest = lambda x: plots.digest(plots.graph(logistic, 2.0, x, 1.0))
    assert digest(3.0) == digest(3.0)
    assert digest(3.0) != digest(4.0)


def test_nodes_of_a_graph_do_not_overlap_and_edges_go_to_the_right():
    program = graph(named)(2.0, 0.5, 0.1, 1.0)
    place = plots._layout(program)
    assert len(set(place.values())) == len(program)
    assert all(place[a][0] < place[step.name][0] for step in program for a in step.parents)


def test_a_function_that_depends_on_nothing_is_refused():
    with pytest.raises(
        TypeError, match="depends on its arguments, but this one returned 3"
    ):
        plots.graph(lambda x: 3.0, 1.0)


def test_the_style_keeps_to_matplotlibs_own_names():
    plots.use_style()
    assert plt.rcParams["axes.grid"]
    assert [c["color"] for c in plt.rcParams["axes.prop_cycle"]] == plots.CLASS_COLOURS
