"""Plots: digests know a figure again, words describe it, drawings show what they should."""

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pytest
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output

from coursecore import functional as F
from coursecore import grad, graph, nn, plots, train
from coursecore.training import landscape

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
    place = plots.graphs.layout(program)
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


# ------------------------------------------------------- maps, contours, colours


def mesh(Z=None):
    figure, ax = plt.subplots()
    ax.pcolormesh(np.outer(LINE, LINE) if Z is None else Z)
    return figure


def coloured_points(c=None):
    figure, ax = plt.subplots()
    ax.scatter(LINE, LINE, c=LINE if c is None else c)
    return figure


@pytest.mark.parametrize(
    ("draw", "data"), [(mesh, np.outer(LINE, LINE)), (coloured_points, LINE)]
)
def test_the_digest_sees_colours_that_are_data(draw, data):
    digest = plots.digest(draw(data))
    assert digest == plots.digest(draw(moved(data, 1e-12)))
    assert digest != plots.digest(draw(moved(data, 1e-3)))


def test_the_digest_sees_the_heights_of_contours():
    """Twice the height and twice the levels are the same lines, but not the same data."""
    grid = np.outer(LINE + 0.03, LINE + 0.03)
    draw = lambda scale: plots.contours(LINE, LINE, scale * grid)
    assert plots.digest(draw(1.0)) == plots.digest(draw(1.0))
    assert plots.digest(draw(1.0)) != plots.digest(draw(2.0))


def test_figures_of_earlier_lectures_keep_their_digests():
    """What other notebooks stored must be known again."""
    assert plots.digest(plots.loss_curves(HISTORY)) == "a8a88b454e43b7c1"
    assert plots.digest(plots.graph(named, 2.0, 0.5, 0.1, 1.0, bars=True)) == (
        "969fe7d4be45b34d"
    )


def test_describe_says_the_heights_of_contours_and_colour_bars():
    x = np.linspace(-1.0, 1.0, 9)
    figure = plots.contours(x, x, np.add.outer(x**2, x**2), levels=[0.5, 1.5])
    words = plots.describe(figure)
    assert "contours of the height at 2 levels from 0.5 to 1.5" in words
    assert "1 map of regions" in words
    assert "points" not in words
    colours = figure.axes[0].imshow(np.eye(2), vmax=3)
    figure.colorbar(colours, label="share")
    assert "Colours: share from 0 to 3." in plots.describe(figure)


# ------------------------------------------------------------------ landscapes


def parts(figure, panel=0):
    """Map labels of lines in a panel to their data."""
    return {line.get_label(): line.get_xydata() for line in figure.axes[panel].lines}


def test_contours_lie_at_their_heights_and_paths_on_top():
    x, y = np.linspace(-2, 2, 41), np.linspace(-1, 1, 31)
    values = landscape.grid(lambda t: t[0] ** 2 + 4 * t[1] ** 2, x, y)
    path = landscape.quadratic_path(np.diag([2.0, 8.0]), [1.5, 0.5], 0.3, 8).points
    figure = plots.contours(x, y, values, paths={"α = 0.3": path}, levels=[1.0, 2.0])
    ax = figure.axes[0]
    regions, lines = ax.collections
    for level, drawn in zip([1.0, 2.0], lines.get_paths(), strict=True):
        a, b = drawn.vertices.T
        np.testing.assert_allclose(a**2 + 4 * b**2, level, atol=0.02)
    np.testing.assert_array_equal(parts(figure)["α = 0.3"], path)
    np.testing.assert_array_equal(ax.lines[1].get_xydata()[0], path[-1])
    assert (*ax.get_xlim(), *ax.get_ylim()) == (-2, 2, -1, 1)
    assert lines.zorder < ax.lines[0].zorder
    dark, light = (np.mean(regions.get_facecolor()[i][:3]) for i in (0, -1))
    assert dark < light


def test_paths_differ_in_colour_and_marker():
    x = np.linspace(-1.0, 1.0, 5)
    paths = {str(i): [[0.0, 0.0], [i, 1.0]] for i in range(3)}
    lines = plots.contours(x, x, np.add.outer(x**2, x**2), paths).axes[0].lines[::2]
    assert len({line.get_color() for line in lines}) == 3
    assert len({line.get_marker() for line in lines}) == 3


def test_levels_of_a_bowl_are_evenly_spaced_rings():
    x = np.linspace(-1.0, 1.0, 21)
    figure = plots.contours(x, x, np.add.outer(x**2, x**2), levels=9)
    radii = np.sqrt(figure.axes[0].collections[1].levels)
    np.testing.assert_allclose(np.diff(radii), radii[0])


KINDS = {
    "convex": "minimum", "local minima": "minimum", "saddle point": "saddle",
    "ravine": "minimum", "symmetric minima": "minimum",
}  # fmt: skip


@pytest.mark.parametrize(("name", "kind"), KINDS.items(), ids=KINDS)
def test_landscapes_are_what_they_are_called(name, kind):
    cost, point, *_ = plots.LANDSCAPES[name]
    assert landscape.stationary_point(cost, np.array(point)) == kind


def test_landscapes_have_the_features_they_stand_for():
    where = {name: np.array(each.point) for name, each in plots.LANDSCAPES.items()}
    cost = {name: each.cost for name, each in plots.LANDSCAPES.items()}
    slope = lambda name, at: np.linalg.norm(grad(cost[name])(np.array(at)))
    values = landscape.spectrum(cost["ravine"], where["ravine"]).eigenvalues
    assert landscape.condition_number(values) == pytest.approx(40)
    assert slope("local minima", [-1.2, 0.0]) < 1e-12
    assert cost["local minima"]([-1.2, 0.0]) < cost["local minima"]([1.0, 0.0])
    assert slope("plateau", where["plateau"]) < 1e-2
    assert cost["plateau"](where["plateau"]) > 0.99
    assert cost["plateau"]([10.0, 0.0]) < 1e-6
    assert slope("cliff", [0.0, 0.0]) > 10 * slope("cliff", [1.0, 0.0])
    pair = where["symmetric minima"]
    assert cost["symmetric minima"](pair) == cost["symmetric minima"](pair[::-1]) == 0.0
    assert cost["symmetric minima"](0.5 * (pair + pair[::-1])) > 0.02


def test_landscape_panels_show_the_eigenvalues_at_the_point():
    figure = plots.landscape_panels(num_steps=21)
    titles = [ax.get_title() for ax in figure.axes]
    names = ["convex", "local minima", "saddle point", "plateau", "ravine", "cliff"]
    assert [title.split("\n")[0] for title in titles] == names
    assert "λ = −1, 1" in titles[2]
    assert "λ = 1, 40" in titles[4]
    np.testing.assert_array_equal(parts(figure, 1)["point"], [[1.0, 0.0]])
    words = plots.describe(figure)
    assert "saddle point λ = −1, 1" in words
    only = plots.landscape_panels(["symmetric minima"], num_steps=21)
    assert len(only.axes) == 1
    with pytest.raises(ValueError, match=r"none \['hole'\]"):
        plots.landscape_panels(["ravine", "hole"])


def test_eigenvalue_bars_are_sorted_signed_and_counted():
    values = [0.01, -2.0, 5.0, 1e-17, -1e-4]
    figure = plots.eigenvalue_bars(values)
    drawn = parts(figure)
    np.testing.assert_array_equal(drawn["positive: 2"], [[1, 5.0], [2, 0.01]])
    np.testing.assert_array_equal(drawn["zero: 1"], [[3, 0.0]])
    np.testing.assert_array_equal(drawn["negative: 2"], [[4, -1e-4], [5, -2.0]])
    ax = figure.axes[0]
    assert ax.get_yscale() == "symlog"
    low, high = ax.get_ylim()
    assert low < -2.0 < 5.0 < high
    assert len({line.get_marker() for line in ax.lines[:3]}) == 3
    bars = np.concatenate([np.diff(bar.get_segments(), axis=1) for bar in ax.collections])
    np.testing.assert_allclose(np.sort(bars[:, 0, 1]), [-2.0, -1e-4, 0.0, 0.01, 5.0])


def test_eigenvalues_that_are_noise_do_not_change_the_digest():
    draw = lambda noise: plots.digest(plots.eigenvalue_bars([3.0, noise, -1.0]))
    assert draw(1e-17) == draw(-1e-16) == draw(0.0)
    assert draw(1e-5) != draw(0.0)
    assert len(plots.digest(plots.eigenvalue_bars(np.zeros(3)))) == 16


def test_taylor_curves_draw_the_cost_and_its_model():
    steps = np.linspace(-1, 1, 5)
    figure = plots.taylor_curves(steps, np.cos(steps), {"second order": 1 - steps**2 / 2})
    drawn = parts(figure)
    np.testing.assert_array_equal(drawn["cost"][:, 1], np.cos(steps))
    np.testing.assert_array_equal(drawn["second order"][:, 1], 1 - steps**2 / 2)
    assert figure.axes[0].lines[1].get_linestyle() == "--"


def test_mode_curves_say_the_regimes():
    path = landscape.quadratic_path(np.diag([1.0, 15.0, 25.0]), np.ones(3), 0.1, 6)
    figure = plots.mode_curves(path)
    drawn = parts(figure)
    assert list(drawn) == ["λ = 1: decays", "λ = 15: oscillates", "λ = 25: diverges"]
    np.testing.assert_allclose(drawn["λ = 25: diverges"][:, 1], 1.5 ** np.arange(7))
    assert figure.axes[0].get_yscale() == "log"


def test_the_interpolation_curve_marks_both_ends():
    fractions, values = np.array([-0.5, 0.0, 0.5, 1.0]), np.array([4.0, 1.0, 3.0, 2.0])
    drawn = parts(plots.interpolation_curve(fractions, values))
    np.testing.assert_array_equal(drawn["start"], [[0.0, 1.0]])
    np.testing.assert_array_equal(drawn["end"], [[1.0, 2.0]])


# -------------------------------------------------------------------- networks


def test_dead_units_are_named():
    H = np.array([[0.0, 1.0, 0.0], [0.0, 0.0, 2.0], [0.0, -1.0, 0.0], [0.0, 0.5, 0.0]])
    figure = plots.dead_units(H)
    ax = figure.axes[0]
    expected = [[0, 0, 0, 0], [1, 0, 1, 1], [0, 1, 0, 0]]
    np.testing.assert_array_equal(ax.images[0].get_array(), expected)
    assert [(text.get_text(), text.xy[1]) for text in ax.texts] == [("dead", 0)]
    assert "1 of 3 units dead" in ax.get_title()
    words = plots.describe(figure)
    assert "3 hidden units over 4 examples" in words
    assert "1 dead: 0." in words
    assert plots.digest(figure) != plots.digest(plots.dead_units(H + 1.0))


def test_dead_units_by_layer_are_counted():
    hidden = [np.array([[0.0, 1.0, 2.0], [0.0, 0.0, 2.0]]), np.zeros((2, 2))]
    figure = plots.dead_units_by_layer(hidden)
    table = figure.axes[0].images[0].get_array()
    np.testing.assert_array_equal(table[:, 0], [0.0, 0.5, 1.0])
    assert table.mask.tolist() == [[False, False], [False, False], [False, True]]
    np.testing.assert_array_equal(parts(figure)["dead"], [[0, 0], [1, 0], [1, 1]])
    assert "Dead units by layer: 1 of 3, 2 of 2." in plots.describe(figure)
    assert "share of examples active from 0 to 1" in plots.describe(figure)


def test_activation_histograms_are_shares_of_all_values():
    rng = np.random.default_rng(0)
    hidden = [rng.normal(size=(50, 4)), F.relu(rng.normal(size=(50, 4)))]
    figure = plots.activation_histograms(hidden, num_bins=10)
    left, right = figure.axes
    total = lambda ax: sum(bar.get_height() for bar in ax.patches)
    zeros = np.mean(hidden[1] == 0)
    assert total(left) == pytest.approx(100)
    assert total(right) == pytest.approx(100 * (1 - zeros))
    assert f"{zeros:.0%} zero" in right.get_title()
    assert "zero" not in left.get_title()
    assert f"{hidden[0].mean():.2g} ± {hidden[0].std():.2g}" in left.get_title()
    counts, _ = np.histogram(hidden[0], bins=[bar.get_x() for bar in left.patches] + [9.0])
    np.testing.assert_allclose([bar.get_height() for bar in left.patches], counts / 2)
    assert left.get_xlim() == right.get_xlim()
    dead = plots.activation_histograms([np.zeros((3, 2))], names=["dead layer"])
    assert dead.axes[0].get_title() == "dead layer: 0 ± 0, 100% zero"


def test_weight_images_share_one_scale():
    W = np.arange(12.0).reshape(3, 4) - 3.0
    figure = plots.weight_images(W, (2, 2), num_columns=2)
    images = [image for ax in figure.axes for image in ax.images]
    assert len(images) == 3
    for row, image in zip(W, images, strict=True):
        np.testing.assert_array_equal(image.get_array(), row.reshape(2, 2))
        assert image.get_clim() == (-8.0, 8.0)
    assert "1: Weights from 1 to 4." in plots.describe(figure)
    with pytest.raises(ValueError, match=r"\(2, 3\) need weights \(M, 6\).*\(3, 4\)"):
        plots.weight_images(W, (2, 3))


# ---------------------------------------------------------------------- curves


def test_schedule_curves_draw_the_rate_of_every_step():
    schedules = {"constant": lambda k: 0.1, "inverse": lambda k: 0.1 / (1 + k)}
    figure = plots.schedule_curves(schedules, 4)
    drawn = parts(figure)
    np.testing.assert_allclose(drawn["constant"], [[k, 0.1] for k in range(4)])
    np.testing.assert_allclose(drawn["inverse"][:, 1], [0.1, 0.05, 0.1 / 3, 0.025])
    assert len({line.get_linestyle() for line in figure.axes[0].lines}) == 2
    assert "step from" in plots.describe(figure)


def test_validation_curves_mark_the_best_value():
    figure = plots.validation_curves([0.01, 0.1, 1.0], [1, 2, 3], [3, 2, 4], "penalty λ")
    drawn = parts(figure)
    np.testing.assert_array_equal(drawn["training"][:, 1], [1, 2, 3])
    np.testing.assert_array_equal(drawn["validation"][:, 1], [3, 2, 4])
    assert drawn["best: 0.1"][0, 0] == 0.1
    ax = figure.axes[0]
    assert (ax.get_xscale(), ax.get_xlabel()) == ("log", "penalty λ")
    assert "nats" in ax.get_ylabel()


def test_validation_curves_draw_the_spread_of_repeats():
    valid = np.array([[1.0, 3.0], [4.0, 6.0]])
    figure = plots.validation_curves([1, 2], valid - 1.0, valid, log=False)
    ax = figure.axes[0]
    np.testing.assert_array_equal(parts(figure)["validation"][:, 1], [2.0, 5.0])
    band = ax.collections[1].get_paths()[0].vertices
    assert (band[:, 1].min(), band[:, 1].max()) == (1.0, 6.0)
    assert ax.get_xscale() == "linear"


def test_with_slope_draws_the_derivative():
    drawn = parts(plots.with_slope(np.tanh, "tanh", low=-2, high=2))
    z = drawn["value"][:, 0]
    np.testing.assert_array_equal(drawn["value"][:, 1], np.tanh(z))
    np.testing.assert_allclose(drawn["slope"][:, 1], 1 - np.tanh(z) ** 2, atol=1e-12)


def test_activation_curves_have_a_panel_each():
    figure = plots.activation_curves()
    names = ["sigmoid", "tanh", "ReLU", "leaky ReLU", "softplus", "threshold"]
    assert [ax.get_title() for ax in figure.axes] == names
    slopes = {ax.get_title(): parts(figure, i)["slope"] for i, ax in enumerate(figure.axes)}
    assert slopes["sigmoid"][:, 1].max() == 0.25
    np.testing.assert_array_equal(slopes["threshold"][:, 1], 0.0)
    assert set(slopes["leaky ReLU"][:, 1]) == {0.1, 1.0}
    z = slopes["softplus"][:, 0]
    np.testing.assert_allclose(slopes["softplus"][:, 1], F.sigmoid(z), atol=1e-12)
    assert [ax.get_legend() is not None for ax in figure.axes] == [True] + [False] * 5


def test_loss_functions_are_drawn_against_the_margin():
    drawn = parts(plots.loss_functions(low=-2, high=2))
    assert list(drawn) == ["zero-one", "perceptron", "hinge", "logistic"]
    margin = drawn["hinge"][:, 0]
    np.testing.assert_allclose(drawn["hinge"][:, 1], np.maximum(0, 1 - margin))
    np.testing.assert_allclose(drawn["perceptron"][:, 1], np.maximum(0, -margin))
    np.testing.assert_allclose(drawn["logistic"][:, 1], np.log1p(np.exp(-margin)))
    np.testing.assert_array_equal(drawn["zero-one"][:, 1], margin <= 0)


# ----------------------------------------------------------------- classifiers

CORNERS = np.array([[2.0, 0.0], [3.0, 1.0], [-2.0, 0.0], [-4.0, 1.0], [0.5, 0.5]])
SIGNS = np.array([1, 1, -1, -1, 1])


def test_margins_are_the_lines_where_the_score_is_plus_and_minus_one():
    w, b = np.array([0.5, 0.25]), 0.1
    figure = plots.margins(w, b, CORNERS, SIGNS)
    lines = figure.axes[0].lines
    for line, level in zip(lines[:3], (0, -1, 1), strict=True):
        np.testing.assert_allclose(line.get_xydata() @ w + b, level, atol=1e-12)
    assert [line.get_linestyle() for line in lines[:3]] == ["-", "--", "--"]
    drawn = parts(figure)
    np.testing.assert_array_equal(drawn["t = +1"], CORNERS[SIGNS == 1])
    np.testing.assert_array_equal(drawn["t = −1"], CORNERS[SIGNS == -1])
    np.testing.assert_array_equal(drawn["support vectors"], CORNERS[[2, 4]])
    assert f"{1 / np.linalg.norm(w):.3g}" in figure.axes[0].get_title()
    assert "2 support vectors" in plots.describe(figure)


def test_margins_ring_the_support_vectors_they_are_given():
    figure = plots.margins([0.5, 0.0], 0.0, CORNERS, SIGNS, support=[0, 2, 4])
    np.testing.assert_array_equal(parts(figure)["support vectors"], CORNERS[[0, 2, 4]])
    for w in ([0.0, 0.0], [1.0, 2.0, 3.0]):
        with pytest.raises(ValueError, match="two weights, not both 0"):
            plots.margins(w, 0.0, CORNERS, SIGNS)


def test_the_confusion_matrix_counts_and_agrees_with_scikit_learn():
    from sklearn.metrics import confusion_matrix

    rng = np.random.default_rng(0)
    t, predicted = rng.integers(0, 4, size=(2, 80))
    figure = plots.confusion_matrix(t, predicted)
    counts = confusion_matrix(t, predicted)
    drawn = np.reshape([int(text) for text in texts(figure)], (4, 4))
    np.testing.assert_array_equal(drawn, counts)
    shares = counts / counts.sum(axis=1, keepdims=True)
    np.testing.assert_allclose(figure.axes[0].images[0].get_array(), shares)
    assert f"{np.mean(t == predicted):.1%} right" == figure.axes[0].get_title()


def test_the_confusion_matrix_says_its_mistakes():
    figure = plots.confusion_matrix([0, 0, 1], [0, 1, 1], names=["cat", "dog", "owl"])
    assert "3 classes: 1 of cat as dog." in plots.describe(figure)
    assert len(texts(figure)) == 9
    assert "no mistakes" in plots.describe(plots.confusion_matrix([0, 1], [0, 1]))
    with pytest.raises(ValueError, match=r"shapes \(2,\) and \(3,\)"):
        plots.confusion_matrix([0, 1, 2], [0, 1])


# ------------------------------------------------------------------ every drawing

X = np.linspace(-1.0, 1.0, 9)
BOWL = np.add.outer(X**2, X**2)
SINGLE = {
    "contours": lambda ax: plots.contours(X, X, BOWL, ax=ax),
    "eigenvalue_bars": lambda ax: plots.eigenvalue_bars([1.0, -2.0], ax=ax),
    "taylor_curves": lambda ax: plots.taylor_curves(X, X**3, {"model": X}, ax=ax),
    "mode_curves": lambda ax: plots.mode_curves(
        landscape.quadratic_path(np.eye(2), np.ones(2), 0.1, 3), ax=ax
    ),
    "interpolation_curve": lambda ax: plots.interpolation_curve(X, X, ax=ax),
    "dead_units": lambda ax: plots.dead_units(np.eye(3), ax=ax),
    "schedule_curves": lambda ax: plots.schedule_curves({"a": float}, 3, ax=ax),
    "validation_curves": lambda ax: plots.validation_curves([1, 2], [1, 2], [2, 1], ax=ax),
    "with_slope": lambda ax: plots.with_slope(np.tanh, ax=ax),
    "loss_functions": lambda ax: plots.loss_functions(ax=ax),
    "margins": lambda ax: plots.margins([1.0, 0.0], 0.0, CORNERS, SIGNS, ax=ax),
    "confusion_matrix": lambda ax: plots.confusion_matrix([0, 1], [1, 1], ax=ax),
}


@pytest.mark.parametrize("draw", SINGLE.values(), ids=SINGLE)
def test_a_drawing_takes_axes_and_has_labels_words_and_a_digest(draw):
    figure, (left, right) = plt.subplots(1, 2)
    assert draw(right) is figure
    assert not left.has_data()
    assert right.has_data()
    alone = draw(None)
    assert plots.digest(alone) == plots.digest(draw(None))
    assert right.get_xlabel()
    assert right.get_ylabel() or right.get_title()
    assert len(plots.describe(alone)) > 30


def test_every_public_drawing_is_flat_and_documented():
    assert plots.__all__ == sorted(plots.__all__)
    for name in plots.__all__:
        assert getattr(plots, name) is not None
        if name.islower():
            assert getattr(plots, name).__doc__
