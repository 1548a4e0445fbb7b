"""Maps of words: every name can be read, and the picture says what it keeps."""

import itertools

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.text import Text

from coursecore import embeddings, plots

RNG = np.random.default_rng(2)
E = RNG.standard_normal((60, 8)) + 4 * np.repeat(np.eye(8)[:5], 12, axis=0)
WORDS = [f"example{i}" for i in range(60)]


@pytest.fixture
def figure():
    yield (drawn := plots.word_map(np.random.default_rng(0), E, WORDS, num_clusters=5))
    plt.close(drawn)


def test_no_two_names_overlap_and_all_lie_inside(figure):
    (ax,) = figure.axes
    figure.canvas.draw()
    boxes = [Text.get_window_extent(label) for label in ax.texts]  # without its line
    assert len(boxes) > 50
    assert not any(a.overlaps(b) for a, b in itertools.combinations(boxes, 2))
    dots = ax.transData.transform(np.concatenate([line.get_xydata() for line in ax.lines]))
    radius = ax.lines[0].get_markersize() / 2 * figure.dpi / 72
    assert not any(
        box.padded(0.99 * radius).contains(*dot) for box in boxes for dot in dots
    )
    frame = ax.get_window_extent()
    assert all(frame.containsx(x) for box in boxes for x in (box.x0, box.x1))


def test_names_and_points_that_are_missing_are_told(figure):
    (ax,) = figure.axes
    shown = {label.get_text() for label in ax.texts}
    told = ax.get_label()
    assert all(word in shown or word in told for word in WORDS)
    assert sum(len(line.get_xdata()) for line in ax.lines) == 60


def test_the_title_says_how_faithful_the_map_is():
    points = RNG.standard_normal((60, 2))
    figure = plots.word_map(np.random.default_rng(0), E, WORDS, method=points)
    kept = embeddings.neighbour_preservation(E, points, 10)
    assert f"{kept:.0%} of the 10 nearest" in figure.axes[0].get_title()
    drawn = np.concatenate([line.get_xydata() for line in figure.axes[0].lines])
    assert {tuple(p) for p in drawn.round(9)} == {tuple(p) for p in points.round(9)}
    plt.close(figure)


def test_clusters_have_colours_and_markers_of_their_own(figure):
    looks = [(line.get_color(), line.get_marker()) for line in figure.axes[0].lines]
    assert len(set(looks)) == len(looks) == 5


def test_cosines_gather_about_0_as_dimensions_grow():
    figure = plots.cosine_histogram(np.random.default_rng(0), dims=(2, 10, 300))
    for line, dim in zip(figure.axes[0].lines, (2, 10, 300), strict=True):
        x, density = line.get_data()
        width = x[1] - x[0]
        assert np.isclose(np.sum(density) * width, 1.0)
        spread = np.sqrt(np.sum(density * x**2) * width)
        assert np.isclose(spread, 1 / np.sqrt(dim), rtol=0.05)
    plt.close(figure)


def test_the_title_of_a_small_map_is_wrapped():
    figure, ax = plt.subplots(figsize=(3, 3), layout="constrained")
    plots.word_map(np.random.default_rng(0), E, WORDS, method="pca", ax=ax)
    figure.canvas.draw()
    title = ax.title.get_window_extent()
    assert title.x0 >= 0 and title.x1 <= figure.bbox.x1 and title.y1 <= figure.bbox.y1
    plt.close(figure)


def test_a_word_with_dollars_is_no_formula():
    words = ["$x$", r"$\nothing$", *WORDS[2:]]
    figure = plots.word_map(np.random.default_rng(0), E, words, method="pca")
    figure.canvas.draw()
    named = {label.get_text(): label for label in figure.axes[0].texts}
    width = named["$x$"].get_window_extent().width
    named["$x$"].set_text("$x")
    assert named["$x$"].get_window_extent().width < width  # the second $ was drawn
    plt.close(figure)


@pytest.mark.parametrize("points", [E[:, :3], E[:, 0]])
def test_a_map_has_two_dimensions(points):
    with pytest.raises(ValueError, match=r"a point \(2,\) for each of 60 words"):
        plots.word_map(RNG, E, WORDS, method=points)


def test_a_name_for_each_vector_is_asked_for():
    with pytest.raises(ValueError, match=r"\(60, 8\) and 3 words"):
        plots.word_map(RNG, E, WORDS[:3])
