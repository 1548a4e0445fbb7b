"""Models: the Keras program, agreement with functions and a plain loop, refusals."""

import numpy as np
import pytest

from coursecore import data, nn, optim, train, tree
from coursecore import functional as F
from coursecore.nets import graph
from coursecore.nets.layers import Activation, Dense, Dropout, Flatten
from coursecore.nets.sequential import OPTIMIZERS, History, Sequential

X, T = data.moons(np.random.default_rng(5), 90)
X_VALID, T_VALID = data.moons(np.random.default_rng(6), 40)
SPARSE = "sparse_categorical_crossentropy"

# The program of deck N, as it stands there below its imports.
PROGRAM = """
model = Sequential()
model.add(Dense(units=nh, input_shape=(nin,), activation='sigmoid', name='hidden'))
model.add(Dense(units=nout, activation='softmax', name='output'))

opt = optimizers.Adam(lr=0.001)
model.compile(optimizer=opt,
              loss='sparse_categorical_crossentropy',
              metrics=['accuracy'])

hist = model.fit(Xtr, ytr, epochs=30, batch_size=100, validation_data=(Xts,yts))
"""


def small(rng=None, optimizer=None, activation="tanh", metrics=("accuracy",), dropout=0.0):
    """Return a compiled model for the moons: 2 inputs, 6 hidden units, 2 classes."""
    rng = np.random.default_rng(3) if rng is None else rng
    model = Sequential([Dense(6, activation, input_dim=2)], rng=rng)
    if dropout:
        model.add(Dropout(dropout))
    model.add(Dense(2, "softmax"))
    model.compile(optimizer or optim.SGD(lr=0.3, momentum=0.5), SPARSE, metrics)
    return model


def one_output(loss, activation):
    model = Sequential([Dense(4, "tanh"), Dense(1, activation)])
    model.compile("adam", loss)
    return model


def assert_same(a, b, rtol=1e-12):
    for x, y in zip(*map(tree.leaves, (a, b)), strict=True):
        np.testing.assert_allclose(x, y, rtol=rtol, atol=1e-14)


# ----------------------------------------------------------------- the program


def test_the_keras_program_of_the_deck_runs():
    images, classes = data.digits()
    names = {
        "Sequential": Sequential, "Dense": Dense, "optimizers": optim,
        "nin": 64, "nh": 100, "nout": 10,
        "Xtr": images[:1400], "ytr": classes[:1400],
        "Xts": images[1400:], "yts": classes[1400:],
    }  # fmt: skip
    exec(PROGRAM, names)
    history, model = names["hist"].history, names["model"]
    assert set(history) == {"loss", "accuracy", "val_loss", "val_accuracy"}
    assert {len(values) for values in history.values()} == {30}
    assert history["loss"][-1] < 0.6 < 2.0 < history["loss"][0]
    assert 0.82 < history["val_accuracy"][-1] < 0.92
    assert history["accuracy"][-1] > 0.93
    P = model.predict(names["Xts"])
    np.testing.assert_allclose(np.sum(P, axis=1), 1.0)
    loss, accuracy = model.evaluate(names["Xts"], names["yts"])
    assert accuracy == np.mean(np.argmax(P, axis=1) == names["yts"])
    assert [loss, accuracy] == [history["val_loss"][-1], history["val_accuracy"][-1]]


# ------------------------------------------------------------------- agreement


@pytest.mark.parametrize("activation", ["tanh", "relu", "sigmoid", "softplus"])
@pytest.mark.parametrize("optimizer", [optim.SGD(0.3, 0.5), optim.Adam(), optim.RMSprop()])
def test_the_weights_are_those_of_the_functional_form(activation, optimizer):
    model = small(optimizer=optimizer, activation=activation)
    result = model.fit(X, T, epochs=3, batch_size=16)

    def cost(params, X, t):
        return F.cross_entropy(nn.mlp(params, X, getattr(F, activation)), t)

    rng = np.random.default_rng(3)
    params = nn.init_mlp(rng, [2, 6, 2])
    params, history = train.fit(
        cost, params, (X, T), optimizer, rng=rng, epochs=3, batch_size=16
    )
    assert_same(model.params, params, rtol=1e-10)
    np.testing.assert_allclose(result.history["loss"], history.train, rtol=1e-10)


def test_dropout_draws_what_the_functional_form_draws():
    model = small(dropout=0.3)
    model.fit(X, T, epochs=3, batch_size=16)

    def cost(params, X, t, rng):
        H = nn.dropout(rng, np.tanh(nn.linear(params[0], X)), 0.3)
        return F.cross_entropy(nn.linear(params[1], H), t)

    rng = np.random.default_rng(3)
    params, _ = train.fit(
        cost, nn.init_mlp(rng, [2, 6, 2]), (X, T), optim.SGD(0.3, 0.5), rng=rng, epochs=3,
        batch_size=16,
    )  # fmt: skip
    assert_same(model.params, params, rtol=1e-10)
    expected = F.softmax(nn.mlp(params, X))
    np.testing.assert_allclose(model.predict(X), expected, rtol=1e-9)
    assert model.evaluate(X, T) == model.evaluate(X, T)


def test_the_weights_are_those_of_a_plain_loop():
    """Sigmoid and softmax by hand, batches in their own order, no library."""
    model = small(optimizer=optim.SGD(0.3), activation="sigmoid")
    W1, b1, W2, b2 = model.get_weights()
    model.fit(X, T, epochs=3, batch_size=20, shuffle=False)
    for _ in range(3):
        for start in range(0, 90, 20):
            x, t = X[start : start + 20], T[start : start + 20]
            h = 1 / (1 + np.exp(-(x @ W1.T + b1)))
            e = np.exp(h @ W2.T + b2)
            z_bar = (e / e.sum(axis=1, keepdims=True) - np.eye(2)[t]) / len(x)
            a_bar = (z_bar @ W2) * h * (1 - h)
            W2, b2 = W2 - 0.3 * z_bar.T @ h, b2 - 0.3 * z_bar.sum(axis=0)
            W1, b1 = W1 - 0.3 * a_bar.T @ x, b1 - 0.3 * a_bar.sum(axis=0)
    assert_same(model.get_weights(), [W1, b1, W2, b2], rtol=1e-10)


def test_regression_minimises_the_mean_square():
    T = np.stack([np.sin(X[:, 0]), X[:, 1] ** 2], axis=1)
    model = Sequential([Dense(5, "tanh"), Dense(2)], rng=np.random.default_rng(1))
    model.compile(optim.SGD(0.1), "mse")
    model.fit(X, T, epochs=3, batch_size=30)

    def cost(params, X, T):
        return np.mean((nn.mlp(params, X) - T) ** 2)

    rng = np.random.default_rng(1)
    params, _ = train.fit(
        cost, nn.init_mlp(rng, [2, 5, 2]), (X, T), optim.SGD(0.1), rng=rng, epochs=3,
        batch_size=30,
    )  # fmt: skip
    assert_same(model.params, params, rtol=1e-10)
    assert np.isclose(model.evaluate(X, T), cost(params, X, T), rtol=1e-10)


@pytest.mark.parametrize("hidden", [{"l2": 0.02}, {"l2": 0.0}])
def test_a_penalty_is_part_of_the_loss(hidden):
    model = Sequential([Dense(5, "tanh", **hidden), Dense(1, "sigmoid", l2=0.1)])
    model.compile("sgd", "binary_crossentropy")
    model.fit(X, T, epochs=2)
    first, second = model.params
    expected = F.binary_cross_entropy(nn.mlp([first, second], X)[:, 0], T)
    expected += hidden["l2"] * nn.l2(first) + 0.1 * nn.l2(second)
    assert np.isclose(model.evaluate(X, T), expected, rtol=1e-12)


def test_params_serve_the_functional_tools():
    model = small()
    model.fit(X, T, epochs=2)
    loss, accuracy = model.evaluate(X, T)
    assert np.isclose(loss, F.cross_entropy(nn.mlp(model.params, X), T), rtol=1e-12)
    assert accuracy == nn.accuracy(model.params, X, T)


def test_an_activation_may_be_a_layer_of_its_own():
    apart = Sequential([Dense(6), Activation("tanh"), Dense(2), Activation("softmax")])
    within = Sequential([Dense(6, "tanh"), Dense(2, "softmax")])
    for model in (apart, within):
        model.compile("adam", SPARSE)
        model.fit(X, T, epochs=2)
    np.testing.assert_array_equal(apart.predict(X), within.predict(X))


def test_categorical_and_sparse_targets_train_alike():
    sparse, rows = small(), small()
    rows.compile(optim.SGD(lr=0.3, momentum=0.5), "categorical_crossentropy", ["acc"])
    first = sparse.fit(X, T, epochs=2)
    second = rows.fit(X, np.eye(2)[T], epochs=2)
    assert_same(sparse.params, rows.params)
    np.testing.assert_allclose(first.history["accuracy"], second.history["acc"])


# -------------------------------------------------------------------- training


def test_a_model_is_determined_by_its_rng():
    weights = []
    for seed in (None, None, 0, 1):
        rng = None if seed is None else np.random.default_rng(seed)
        model = Sequential([Dense(4, "tanh"), Dropout(0.2), Dense(2, "softmax")], rng=rng)
        model.compile("adam", SPARSE)
        model.fit(X, T, epochs=2)
        weights.append(np.concatenate([w.ravel() for w in model.get_weights()]))
    np.testing.assert_array_equal(weights[0], weights[1])
    np.testing.assert_array_equal(weights[0], weights[2])
    assert (weights[0] != weights[3]).any()


def test_fit_goes_on_where_it_stopped():
    whole, parts = small(optimizer=optim.Adam()), small(optimizer=optim.Adam())
    whole.fit(X, T, epochs=5)
    parts.fit(X, T, epochs=2)
    parts.fit(X, T, epochs=3)
    assert_same(whole.params, parts.params, rtol=0)
    parts.compile(optim.Adam(), SPARSE)
    whole.fit(X, T)
    parts.fit(X, T)
    with pytest.raises(AssertionError):  # compile began with a new state of Adam
        assert_same(whole.params, parts.params, rtol=1e-6)


def test_validation_split_sets_the_last_rows_aside():
    split, whole = small(), small()
    first = split.fit(X, T, epochs=2, validation_split=0.2)
    second = whole.fit(X[:72], T[:72], epochs=2, validation_data=(X[72:], T[72:]))
    assert_same(split.params, whole.params, rtol=0)
    assert first.history == second.history


def test_rounding_costs_no_row_of_a_split():
    """In floating point 10 · (1 - 0.9) is a little less than 1."""
    split, one = small(), small()
    split.fit(X[:10], T[:10], validation_split=0.9)
    one.fit(X[:1], T[:1])
    assert_same(split.params, one.params, rtol=0)


def test_validation_changes_nothing():
    with_it, without = small(dropout=0.4), small(dropout=0.4)
    with_it.fit(X, T, epochs=3, validation_data=(X_VALID, T_VALID))
    without.fit(X, T, epochs=3)
    assert_same(with_it.params, without.params, rtol=0)


def test_the_history_is_a_history_of_train():
    result = small().fit(X, T, epochs=3, validation_data=(X_VALID, T_VALID))
    assert isinstance(result, train.History)
    assert result.train == result.history["loss"]
    assert result.valid == result.history["val_loss"]
    assert (result.best_epoch, len(result.seconds)) == (2, 3)
    assert all(
        type(value) is float for values in result.history.values() for value in values
    )
    assert set(small(metrics=[]).fit(X, T).history) == {"loss"}
    assert small().fit(X, T, epochs=0).history == History().history == {}


def test_the_size_of_a_block_changes_no_result():
    model = small(dropout=0.5)
    model.fit(X, T)
    for size in (1, 7, 1000):
        P = model.predict(X, batch_size=size)
        np.testing.assert_allclose(P, model.predict(X), rtol=1e-14)
        figures = model.evaluate(X, T, batch_size=size)
        np.testing.assert_allclose(figures, model.evaluate(X, T), rtol=1e-12)


def test_data_and_given_weights_are_not_changed():
    kept, given = X.copy(), small().params
    model = small(optimizer=optim.SGD(0.3, in_place=True))
    model.params = given
    taken = model.params
    model.fit(X, T)
    np.testing.assert_array_equal(X, kept)
    assert_same(given, small().params, rtol=0)
    assert_same(taken, given, rtol=0)
    assert np.any(model.params[0]["W"] != given[0]["W"])


def test_no_bar_is_computed_for_the_data():
    model = small()
    model.fit(X, T)
    boxes = model._graph.boxes
    given = [box for box in boxes if type(box) is graph.Input]
    assert [box.bar for box in given] == [None, None]
    assert all(box.bar is not None for box in boxes if box not in given)


def test_float32_stays_float32():
    model = small(optimizer=optim.SGD(lr=0.3))
    model.params = tree.map(np.float32, model.params)
    model.fit(X.astype(np.float32), T, epochs=2)
    assert {w.dtype for w in model.get_weights()} == {np.dtype(np.float32)}
    assert model.predict(X.astype(np.float32)).dtype == np.float32


# ------------------------------------------------------------- shapes, printing


def test_the_input_size_can_be_left_to_the_data():
    deferred, said = Sequential([Dense(3)]), Sequential([Dense(3, input_dim=2)])
    np.testing.assert_array_equal(deferred.predict(X), said.predict(X))
    assert deferred.input_shape == (2,)


def test_a_model_of_images():
    images = np.random.default_rng(0).integers(0, 255, (20, 3, 4), dtype=np.uint8)
    model = Sequential([Flatten(input_shape=(3, 4)), Dense(2, "softmax")])
    model.compile("adam", SPARSE)
    model.fit(images, np.arange(20) % 2)
    assert model.params[0]["W"].shape == (2, 12)


def test_one_output_gives_a_column():
    for loss, activation in (("binary_crossentropy", "sigmoid"), ("mse", None)):
        model = one_output(loss, activation)
        model.fit(X, T, epochs=1)
        assert model.predict(X).shape == (90, 1)


def test_weights_can_be_taken_and_given():
    model, other = small(), small(np.random.default_rng(8))
    other.set_weights(model.get_weights())
    np.testing.assert_array_equal(model.predict(X), other.predict(X))
    assert [w.shape for w in model.get_weights()] == [(6, 2), (6,), (2, 6), (2,)]


def test_a_layer_can_be_added_later():
    model = small()
    model.fit(X, T)
    before = model.params
    model.add(Dense(3, "softmax"))
    assert_same(model.params[:2], before, rtol=0)
    model.compile("adam", SPARSE)
    model.fit(X, T)
    assert model.predict(X).shape == (90, 3)


def test_the_summary_is_a_table(capsys):
    model = Sequential([Dense(100, "sigmoid", input_dim=784, name="hidden"), Dropout(0.5)])
    model.add(Dense(10, "softmax"))
    model.summary()
    out, err = capsys.readouterr()
    assert err == ""
    assert out.splitlines() == [
        "Model: sequential",
        "layer (kind)         output shape  parameters",
        "hidden (Dense)       (N, 100)          78,500",
        "dropout_2 (Dropout)  (N, 100)               0",
        "dense_3 (Dense)      (N, 10)            1,010",
        "total                                  79,510",
    ]


def test_nothing_is_printed_where_nobody_watches(capsys, monkeypatch):
    model = small()
    model.fit(X, T)
    model.evaluate(X, T)
    model.fit(X, T, verbose=0)
    assert capsys.readouterr() == ("", "")
    monkeypatch.setattr("sys.stdout.isatty", lambda: True, raising=False)
    model.fit(X, T)
    assert capsys.readouterr().out.startswith("Epoch 1/1  loss ")


def test_progress_is_a_plain_line_an_epoch(capsys):
    small().fit(X, T, epochs=2, validation_data=(X_VALID, T_VALID), verbose=1)
    out, err = capsys.readouterr()
    assert err == ""
    words = [line.split()[::2] for line in out.splitlines()]
    assert words == [["Epoch", "loss", "accuracy", "val_loss", "val_accuracy"]] * 2
    assert "\r" not in out
    small().evaluate(X, T, verbose=2)
    assert capsys.readouterr().out.split()[:2] == ["Evaluated", "loss"]


# -------------------------------------------------------------------- refusals


@pytest.mark.parametrize("verb", ["fit", "evaluate"])
def test_compile_comes_first(verb):
    model = Sequential([Dense(2, "softmax")])
    with pytest.raises(ValueError, match=rf"{verb} needs a loss: call compile"):
        getattr(model, verb)(X, T)
    model = small()
    model.add(Dropout(0.1))
    with pytest.raises(ValueError, match="after add"):
        getattr(model, verb)(X, T)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"optimizer": "adm"}, r"no optimizer 'adm'. Did you mean 'adam'"),
        ({"loss": "crossentropy"}, "no loss 'crossentropy'. Did you mean .*crossentropy'"),
        ({"loss": None}, r"no loss None. Known are 'sparse_categorical"),
        ({"metrics": ["acuracy"]}, r"no metric 'acuracy'. Did you mean 'accuracy'"),
        ({"loss": "mse", "metrics": "accuracy"}, "'accuracy' counts right classes"),
    ],
)
def test_unknown_names_are_refused(options, words):
    with pytest.raises(ValueError, match=words):
        small().compile(**({"loss": SPARSE} | options))


@pytest.mark.parametrize("optimizer", [optim.Adam, 0.01, None])
def test_what_is_no_optimizer_is_refused(optimizer):
    with pytest.raises(TypeError, match=r"such as Adam\(lr=0.001\), but got"):
        small().compile(optimizer, SPARSE)


def test_optimizers_by_name_have_keras_learning_rates():
    lrs = {name: make().lr for name, make in OPTIMIZERS.items()}
    assert lrs == {"sgd": 0.01, "rmsprop": 0.001, "adam": 0.001}


@pytest.mark.parametrize(
    ("x", "y", "words"),
    [
        (X[:, :1], T, r"x of shape \(N, 2\), but got \(90, 1\)"),
        (X[0], T[:2], r"x of shape \(N, 2\), but got \(2,\)"),
        (X, T[:-1], r"target for each row, but x is \(90, 2\) and y \(89,\)"),
        (X * np.nan, T, "finite numbers"),
        (X.astype(str), T, "dtype <U"),
        (X[:0], T[:0], r"shape \(0, 2\)"),
        (X, np.eye(2)[T], "categorical_crossentropy"),
        (X, T + 1, "classes in 0…1"),
    ],
)
def test_data_that_do_not_fit_are_refused(x, y, words):
    model = small()
    for verb in (model.fit, model.evaluate):
        with pytest.raises(ValueError, match=words):
            verb(x, y)
    with pytest.raises(ValueError, match=words):
        model.fit(X, T, validation_data=(x, y))
    assert_same(model.params, small().params, rtol=0)


def test_a_loss_needs_its_activation():
    with pytest.raises(ValueError, match="activation 'sigmoid', but here it is 'linear'"):
        one_output("binary_crossentropy", None).fit(X, T)


def test_a_model_must_know_its_inputs_and_have_layers():
    with pytest.raises(ValueError, match="input_shape"):
        Sequential([Dense(3)]).summary()
    with pytest.raises(ValueError, match="no layers"):
        Sequential().predict(X)
    model = Sequential([Dense(3)])
    with pytest.raises(ValueError, match="Flatten"):
        model.predict(X.reshape(5, 9, 4))
    assert model.predict(X).shape == (90, 3)


def test_a_later_input_shape_must_fit():
    model = Sequential([Dense(3, input_dim=2), Dense(4, input_dim=5, name="late")])
    with pytest.raises(ValueError, match=r"'late' has input_shape \(5,\), .* \(3,\)"):
        model.predict(X)


def test_what_is_no_new_layer_is_refused():
    layer, model = Dense(3, name="first"), Sequential()
    model.add(layer)
    for again in (layer, Dense(4, name="first")):
        with pytest.raises(ValueError, match="layer 'first' already"):
            model.add(again)
    with pytest.raises(TypeError, match="made of layers"):
        model.add("relu")
    with pytest.raises(TypeError, match="made of layers"):
        model.add(Dense)


@pytest.mark.parametrize("shuffle", [True, False])
@pytest.mark.parametrize("batch_size", [0, -1, None, 2.5])
def test_a_batch_has_rows(batch_size, shuffle):
    with pytest.raises(ValueError, match="batch_size must be a positive whole number"):
        small().fit(X, T, batch_size=batch_size, shuffle=shuffle)


@pytest.mark.parametrize("fraction", [1.0, 1e-12, -0.5, 2.0])
def test_both_parts_of_a_split_have_rows(fraction):
    with pytest.raises(ValueError, match=f"validation_split={fraction} of 90 rows"):
        small().fit(X, T, validation_split=fraction)


def test_weights_of_another_shape_are_refused():
    model = small()
    keras = [W.T if W.ndim == 2 else W for W in model.get_weights()]
    with pytest.raises(
        ValueError, match=r"params\[0\]\[\"W\"\] needs shape \(6, 2\).*trans"
    ):
        model.set_weights(keras)
    with pytest.raises(ValueError, match="needs 4 leaves"):
        model.set_weights(keras[:3])
    with pytest.raises(ValueError, match="same shape"):
        model.params = model.params[:1]


def test_divergence_is_refused_in_words(capsys):
    model = one_output("mse", None)
    model.compile(optim.SGD(lr=1e6), "mse")
    with pytest.raises(
        FloatingPointError, match=r"loss became .* epoch .*lr=1000000.*tenth"
    ):
        model.fit(1e3 * X, T, epochs=50)
    assert capsys.readouterr().err == ""


def test_divergence_in_the_last_step_shows_in_validation():
    model = one_output("mse", None)
    model.compile(optim.SGD(lr=1e300), "mse")
    with pytest.raises(FloatingPointError, match="epoch 1"):
        model.fit(X, 1e10 * T, batch_size=90, validation_data=(X, T))
