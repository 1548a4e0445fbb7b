"""Models as a stack of layers: define, compile, train, as a Keras program does.

    >>> from coursecore import data, optim
    >>> from coursecore.nets.layers import Dense
    >>> model = Sequential()
    >>> model.add(Dense(units=8, activation="tanh", input_shape=(2,), name="hidden"))
    >>> model.add(Dense(units=2, activation="softmax", name="output"))
    >>> model.compile(optim.SGD(lr=1.0), "sparse_categorical_crossentropy", ["accuracy"])
    >>> X, t = data.xor()
    >>> result = model.fit(X, t, epochs=200)
    >>> result.history["accuracy"][-1]
    1.0

A program written for Keras needs other imports and nothing else, as long as it keeps to
what is here. Under the layers lies a flow graph (see `graph`): `fit` runs its fprop and
bprop for each batch, and hands the bars of the parameters to the optimizer. Shapes are
those of the course: W is outputs × inputs, where Keras stores the transpose.

A model draws its weights, the order of its batches and its dropout masks, in this order,
from one generator: Sequential(rng=...). Without it that is default_rng(0), so that a
program gives the same numbers each time; two such models begin with the same weights.
"""

import sys
import time

import numpy as np

from ..engine import tree
from ..training import optim, train
from . import graph
from .layers import Layer, look_up, require_count
from .objectives import LOSSES

OPTIMIZERS = {  # with the learning rates that they have in Keras
    "sgd": lambda: optim.SGD(lr=0.01),
    "rmsprop": lambda: optim.RMSprop(lr=0.001),
    "adam": lambda: optim.Adam(lr=0.001),
}
METRICS = {"accuracy": "accuracy", "acc": "accuracy"}  # two names of one
BLOCK = 1024  # rows that are computed at a time where nothing is learnt


class History(train.History):
    """What happened in `fit`: a train.History that can be read as Keras's, too."""

    @property
    def history(self):
        """Map "loss", "accuracy", "val_loss", "val_accuracy" to a list by epoch each."""
        named = {"loss": self.train, "val_loss": self.valid} | self.metrics
        return {name: values for name, values in named.items() if values}

    def record(self, figures, seconds):
        """Add what was measured in an epoch, and how long it took."""
        self.train.append(figures.pop("loss"))
        if "val_loss" in figures:
            self.valid.append(figures.pop("val_loss"))
        for name, figure in figures.items():
            self.metrics.setdefault(name, []).append(figure)
        self.seconds.append(seconds)
        self.best_epoch = len(self.train) - 1


class Sequential:
    """A network of layers, each taking what the one before it gives.

    `rng` is the generator that every draw comes from; None is default_rng(0).
    """

    def __init__(self, layers=(), *, rng=None, name="sequential"):
        self.name, self.layers = name, []
        self.rng = np.random.default_rng(0) if rng is None else rng
        self.input_shape = None
        self._input, self._target = graph.Input(name="x"), graph.Input(name="y")
        self._parts, self._loss = [], None
        for layer in layers:
            self.add(layer)

    def add(self, layer):
        """Put a layer on top. A model that was compiled must be compiled again."""
        if not isinstance(layer, Layer):
            raise TypeError(f"A model is made of layers, Dense(8) say, but got {layer!r}.")
        names = {other.name for other in self.layers} - {None}
        if layer in self.layers or layer.name in names:
            raise ValueError(
                f"The model has a layer {layer.name or layer!r} already: make a new one."
            )
        self.layers.append(layer)
        self._loss = None

    def compile(self, optimizer="rmsprop", loss=None, metrics=()):
        """Choose how to train: an optimizer, the name of a loss, and what to measure.

        `optimizer` is one of `optim`, such as Adam(lr=0.001), or a name in OPTIMIZERS;
        `loss` is a name in LOSSES, `metrics` is [] or ["accuracy"]. As in Keras "mse" is
        the mean of (y - t)² over examples and outputs, and "binary_crossentropy" a mean
        over outputs too.

        Raises ValueError for an unknown name.
        """
        if isinstance(optimizer, str):
            optimizer = look_up("optimizer", optimizer, OPTIMIZERS)()
        if isinstance(optimizer, type) or not hasattr(optimizer, "step"):
            raise TypeError(
                f"compile needs the name of an optimizer, or one such as Adam(lr=0.001), "
                f"but got {optimizer!r}."
            )
        objective = look_up("loss", loss, LOSSES)
        metrics = [metrics] if isinstance(metrics, str) else list(metrics or ())
        for metric in metrics:
            look_up("metric", metric, METRICS)
            if objective.activation is None:
                raise ValueError(f"{metric!r} counts right classes, but {loss!r} has none.")
        self._optimizer, self._loss, self._metrics = optimizer, objective, metrics
        self._state = self._graph = None

    @np.errstate(over="ignore", invalid="ignore")  # what is not finite is refused in words
    def fit(
        self, x, y, batch_size=32, epochs=1, verbose="auto", validation_split=0.0,
        validation_data=None, shuffle=True,
    ):  # fmt: skip
        """Train for some epochs, going on from where the model is; return the History.

        x holds an example a row, y the targets: classes (N,) for the sparse loss, else
        rows (N, K), or (N,) if there is one output. Batches are shuffled anew each epoch.
        `validation_data` is a pair (x, y); `validation_split` sets that fraction of the
        rows aside instead, the last ones. `verbose` prints a line an epoch; "auto" does
        so in a terminal.

        Raises ValueError before `compile`, and where shapes or targets do not fit;
        FloatingPointError if the loss is no longer finite.
        """
        x, y = self._checked("fit", x, y)
        if validation_data is not None:
            validation_data = self._checked("fit (validation_data)", *validation_data)
        elif validation_split:
            x, y, *validation_data = _set_aside(x, y, validation_split)
        if self._state is None:
            self._state = self._optimizer.init(self._tree("value"))
        result = History()
        for epoch in range(epochs):
            clock, total = time.perf_counter(), 0.0
            for batch in self._batches((x, y), batch_size, shuffle):
                total = total + len(batch[0]) * self._train_on(*batch, epoch)
            figures = self._named(total / len(x))
            if validation_data is not None:
                valid = self._finite(self._measure(*validation_data), epoch)
                figures |= self._named(valid, "val_")
            _report(f"Epoch {epoch + 1}/{epochs}", figures, verbose)
            result.record(figures, time.perf_counter() - clock)
        return result

    def evaluate(self, x, y, batch_size=BLOCK, verbose="auto"):
        """Return the loss, or [loss, accuracy] if `compile` was asked for the metric."""
        figures = self._measure(*self._checked("evaluate", x, y), batch_size)
        _report("Evaluated", self._named(figures), verbose)
        return figures.tolist() if self._metrics else float(figures[0])

    def predict(self, x, batch_size=BLOCK, verbose=0):
        """Return the outputs (N, K) of the last layer: after a softmax, probabilities."""
        x = self._checked_inputs("predict", x)
        network = graph.FlowGraph(self._parts[-1].output)
        _set_rng(network, None)
        outputs = []
        for (rows,) in self._batches((x,), batch_size, shuffle=False):
            self._input.value = rows
            outputs.append(network.fprop())
        return np.concatenate(outputs)

    def summary(self):
        """Print a line for each layer: its output shape and number of parameters."""
        self._build()
        rows, total = [("layer (kind)", "output shape", "parameters")], 0
        for number, (layer, part) in enumerate(zip(self.layers, self._parts, strict=True)):
            kind = type(layer).__name__
            name = layer.name or f"{kind.lower()}_{number + 1}"
            size = sum(box.value.size for box in part.parameters.values())
            rows.append((f"{name} ({kind})", _rows_of(part.shape), f"{size:,}"))
            total += size
        rows.append(("total", "", f"{total:,}"))
        left, middle, right = (max(map(len, column)) for column in zip(*rows, strict=True))
        print(f"Model: {self.name}")
        for name, shape, size in rows:
            print(f"{name:<{left}}  {shape:<{middle}}  {size:>{right}}")

    @property
    def params(self):
        """Give the parameters as a tree, [{"W": (M, D), "b": (M,)}, …], as `nn.mlp` does.

        What is read is a copy; a tree of the same shapes can be assigned.
        """
        self._build()
        return tree.map(np.copy, self._tree("value"))

    @params.setter
    def params(self, params):
        old, new = self.params, tree.map(lambda _, w: np.array(w), self.params, params)
        for name, *pair in zip(tree.paths(old), *map(tree.leaves, (old, new)), strict=True):
            needed, got = map(np.shape, pair)
            if needed != got:
                raise ValueError(
                    f"params{name} needs shape {needed}, but got {got}. W is outputs × "
                    f"inputs; Keras stores the transpose."
                )
        self._write(new)

    def get_weights(self):
        """List copies of the weights and biases, first layer first: W, b, W, b etc."""
        return tree.leaves(self.params)

    def set_weights(self, weights):
        """Take over a list of weights and biases such as `get_weights` returns."""
        self.params = tree.unflatten(self.params, weights)

    # -------------------------------------------------------- from layers to boxes

    def _build(self, shape=None):
        """Attach the layers that have no boxes yet. This draws their weights."""
        if not self.layers:
            raise ValueError("The model has no layers yet: add one, such as Dense(8).")
        shape = self.input_shape or self.layers[0].input_shape or shape
        if shape is None:
            raise ValueError(
                "The model does not know its inputs yet: give the first layer an "
                "input_shape=(D,), or call fit first, which takes it from x."
            )
        for layer in self.layers[len(self._parts) :]:
            box, shape = self._parts[-1][:2] if self._parts else (self._input, shape)
            if layer.input_shape not in (None, shape):
                raise ValueError(
                    f"Layer {layer.name or layer!r} has input_shape {layer.input_shape}, "
                    f"but what comes before it has shape {shape}."
                )
            self._parts.append(layer.attach(self.rng, box, shape))
            self.input_shape = self.input_shape or shape

    def _connect(self):
        """Put the loss and the penalties on top of the last layer."""
        top = self._parts[-1]
        loss = self._loss.attach(top.output, self._target, top.shape[-1])
        penalties = [penalty for part in self._parts for penalty in part.penalties]
        self._graph = graph.FlowGraph(graph.Add(loss, *penalties))

    def _tree(self, attribute=None):
        """Gather the parameters into a tree: their boxes, their values, or their bars."""
        boxes = [part.parameters for part in self._parts if part.parameters]
        return tree.map(lambda box: getattr(box, attribute), boxes) if attribute else boxes

    def _write(self, params):
        for box, value in zip(tree.leaves(self._tree()), tree.leaves(params), strict=True):
            box.value = value

    # ------------------------------------------------------------ batch by batch

    def _batches(self, arrays, batch_size, shuffle):
        require_count("batch_size", batch_size)
        if shuffle:
            return train.minibatches(self.rng, arrays, batch_size)
        starts = range(0, len(arrays[0]), batch_size)
        return (tuple(rows[i : i + batch_size] for rows in arrays) for i in starts)

    def _train_on(self, x, y, epoch):
        """Go forward, back, and one step down; return loss and metrics of the batch."""
        figures = self._finite(self._forward(x, y, self.rng), epoch)
        self._graph.bprop()
        step = self._tree("value"), self._tree("bar"), self._state
        params, self._state = self._optimizer.step(*step)
        self._write(params)
        return figures

    def _finite(self, figures, epoch):
        if np.isfinite(figures[0]):
            return figures
        raise FloatingPointError(
            f"The loss became {figures[0]} in epoch {epoch + 1}. The learning rate of "
            f"{self._optimizer} is probably too large: try a tenth of it."
        )

    def _forward(self, x, y, rng=None):
        """Compute the loss and the metrics of a batch; rng=None means evaluation."""
        self._input.value, self._target.value = x, y
        _set_rng(self._graph, rng)
        figures, output = [self._graph.fprop()], self._parts[-1].output
        if self._metrics:
            if output not in self._graph.boxes:  # the loss does without the last activation
                output.fprop()
            figures += [self._loss.accuracy(output.value, y)] * len(self._metrics)
        return np.array(figures)

    def _measure(self, x, y, batch_size=BLOCK):
        """Return the means over all rows of loss and metrics, in evaluation."""
        batches = self._batches((x, y), batch_size, shuffle=False)
        return sum(len(batch[0]) * self._forward(*batch) for batch in batches) / len(x)

    def _named(self, figures, prefix=""):
        names = [prefix + name for name in ("loss", *self._metrics)]
        return dict(zip(names, map(float, figures), strict=True))

    # ------------------------------------------------------------------- refusals

    def _checked(self, verb, x, y):
        if self._loss is None:
            raise ValueError(f"{verb} needs a loss: call compile(...) first, after add.")
        x, y = self._checked_inputs(verb, x), np.asarray(y)
        if self._graph is None:
            self._connect()
        if y.shape[:1] != x.shape[:1]:
            raise ValueError(
                f"{verb} needs a target for each row, but x is {x.shape} and y {y.shape}."
            )
        return x, self._loss.targets(y, self._parts[-1].shape[-1])

    def _checked_inputs(self, verb, x):
        x = np.asarray(x)
        if x.dtype.kind not in "biuf" or x.size == 0 or not np.isfinite(x).all():
            raise ValueError(
                f"{verb} needs rows of finite numbers, but x has shape {x.shape}, dtype "
                f"{x.dtype}, or holds NaN or infinity."
            )
        self._build(x.shape[1:])
        if x.shape[1:] != self.input_shape:
            asked = _rows_of(self.input_shape)
            raise ValueError(f"{verb} needs x of shape {asked}, but got {x.shape}.")
        return x


def _rows_of(shape):
    return f"({', '.join(map(str, ('N', *shape)))})"


def _set_rng(network, rng):
    for box in network.boxes:
        if isinstance(box, graph.Dropout):
            box.rng = rng


def _set_aside(x, y, fraction):
    """Split the last rows off, as Keras does: they are never trained on."""
    kept = int(len(x) * (1 - fraction) + 1e-9)  # 10 · (1 - 0.9) is a little less than 1
    if not 0 < kept < len(x):
        raise ValueError(
            f"validation_split={fraction} of {len(x)} rows leaves {kept} to train on, and "
            f"both parts need rows."
        )
    return x[:kept], y[:kept], x[kept:], y[kept:]


def _report(head, figures, verbose):
    if sys.stdout.isatty() if verbose == "auto" else verbose:
        print(head, *(f"{name} {figure:.4f}" for name, figure in figures.items()), sep="  ")
