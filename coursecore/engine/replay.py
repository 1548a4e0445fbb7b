"""Replay: record a program once, then run it again without Python in between.

A training step does the same operations on arrays of the same shapes, thousands of
times. `replay(f)` writes them down the first time: every NumPy call of f, those of the
backward pass included, in one flat list. From then on a call runs the list. Each result
has its place in memory from the start, which is used again as soon as nobody needs what
was there; a transpose or a slice is looked at once; and what leads to no result is left
out. On small arrays that is several times quicker than tracing anew.

    >>> slope = replay(grad(lambda x: np.sum(x**3)))
    >>> slope(np.array([1.0, 2.0])), slope(np.array([3.0, 4.0]))
    (array([ 3., 12.]), array([27., 48.]))

A list for each combination of shapes is kept. Where the program took a branch (`if`) by
a value, the list remembers which; a call that would take another is recorded anew.

What a program does besides NumPy calls on its arguments is done once, when it is
recorded: printing, counting, and above all drawing random numbers. Draw them outside and
pass them in.
"""

import functools

import numpy as np

from . import tree
from .autodiff import grad  # noqa: F401 - for the example above
from .trace import Box, Trace, name, unbox

SMALL = 1_024  # entries up to which to copy an argument is quicker than to link it anew
MOST_LISTS = 20  # lists that a function keeps before it forgets them all
POWERS = {2: np.square, 1: np.positive, 0.5: np.sqrt, -1: np.reciprocal}
REDUCTIONS = {
    np.sum: np.add,
    np.mean: np.add,
    np.max: np.maximum,
    np.min: np.minimum,
    np.prod: np.multiply,
}


class Strayed(Exception):
    """A replay came to a branch that the recorded run did not take."""


def replay(fun):
    """Make a function that gives what `fun` gives, by replaying a recording of it.

    The arguments are trees of float, integer or boolean arrays and Python floats, or
    else anything that can be hashed (a flag, a number of layers), which is part of the
    program. The result is a tree of arrays and numbers, new at each call.

    Raises NotImplementedError, naming it, for a function whose result is no array.
    """
    recordings = {}

    @functools.wraps(fun)
    def replayed(*args):
        key, leaves = _kind(args), tree.leaves(args)
        if key in recordings:
            try:
                return recordings[key].run(leaves)
            except Strayed:
                pass
        if len(recordings) >= MOST_LISTS:
            recordings.clear()
        result, recordings[key] = record(fun, args, leaves)
        return result

    return replayed


def _kind(x):
    """Return what of an argument the program depends on: all but the numbers inside."""
    if type(x) is np.ndarray:
        return x.shape, x.dtype, x.strides
    if isinstance(x, dict):
        return dict, *x, *map(_kind, x.values())
    if isinstance(x, (list, tuple)):
        return type(x), *map(_kind, x)
    if isinstance(x, Box):
        raise TypeError(
            "A replay cannot be traced: it knows numbers alone. Take replay last, as in "
            "replay(grad(f)), not grad(replay(f))."
        )
    if isinstance(x, np.random.Generator):
        raise TypeError(
            "A replay would draw the same random numbers each time. Draw them outside, and "
            "pass the arrays to the function."
        )
    return type(x) if _moves(x) else (type(x), x)


def _moves(x):
    """Tell whether an argument may differ from call to call, or belongs to the program."""
    return isinstance(x, (float, np.ndarray, np.generic))


def record(fun, args, leaves):
    """Run fun(*args) once, writing down everything; return the result and a Recording."""
    trace = Trace(whole=True)
    boxed = [trace.box(x) if _moves(x) else x for x in leaves]
    result = fun(*tree.unflatten(args, boxed))
    lines = trace.close()
    ends = [x.index if type(x) is Box else None for x in tree.leaves(result)]
    plain = tree.map(unbox, result)
    recording = Recording(
        lines, ends, plain, [i for i, x in enumerate(leaves) if _moves(x)]
    )
    return tree.map(_copy, plain), recording


def _copy(x):
    return x.copy() if isinstance(x, np.ndarray) else x


class Recording:
    """A flat list of calls, each with its arguments and the place of its result.

    `lines` are those of a trace; `slots` has an array for each: the place of its result.
    `ends` are the lines whose results are returned (None: a constant, see `like`).
    """

    def __init__(self, lines, ends, like, moving):
        self.lines, self.ends, self.like = lines, ends, like
        self.slots = [None] * len(lines)
        _require_arrays(lines)
        self.readers = self._find_readers()
        self.source = self._find_views()
        self.new = self._find_new()
        self._give_places()
        # The leaf that goes to each slot, if anybody reads it, and whether it is large.
        self.inputs = [
            (i, leaf, np.size(lines[i][0]) > SMALL)
            for i, leaf in enumerate(moving)
            if i in self.readers
        ]
        self.lines = list(map(_emptied, lines))
        constants = zip(tree.leaves(like), ends, strict=True)
        self.like = tree.unflatten(
            like, [x if end is None else _shape_of(x) for x, end in constants]
        )
        self.steps, self.places = [], {}
        self._tie(range(len(lines)))
        self.dependents = {i: self._find_dependents(i) for i, _, _ in self.inputs}

    def run(self, leaves):
        """Run the list on new arguments and return a new result."""
        for i, leaf, is_large in self.inputs:
            if not is_large:
                self.slots[i][...] = leaves[leaf]
            elif self.slots[i] is not leaves[leaf]:
                self.slots[i] = leaves[leaf]
                self._tie(self.dependents[i])
        with np.errstate(all="ignore"):
            for step in self.steps:
                step()
        leaves = zip(self.ends, tree.leaves(self.like), strict=True)
        values = [_copy(x) if end is None else self._take(end) for end, x in leaves]
        return tree.unflatten(self.like, values)

    def _take(self, i):
        """Return a result as an array that the next run leaves alone."""
        value = self.slots[i]
        if value.ndim == 0:
            return value.item() if type(self.lines[i][0]) is float else value[()]
        if self._root(i) not in self.new:
            return value.copy()
        return self._look(i) if i in self.source else value

    def _look(self, i):
        """Take a view, or a view of a view, of what is in its place now."""
        fun, args, kwargs = self._call(i)
        if self.source[i] in self.source:
            argnum = self.lines[i][4][0][0]
            args[argnum] = self._look(self.source[i])
        return fun(*args, **kwargs)

    # ------------------------------------------------------------- making the list

    def _find_readers(self):
        """List, for each line that a result or a branch depends on, who reads it."""
        readers = {end: ["result"] for end in self.ends if end is not None}
        for i in range(len(self.lines) - 1, -1, -1):
            _, fun, _, _, parents = self.lines[i]
            if i in readers or fun is bool:
                for _, parent in parents:
                    readers.setdefault(parent, []).append(i)
        return readers

    def _find_views(self):
        """Map each line that only looks at another's memory to that other."""
        source = {}
        for i in sorted(self.readers):
            value, fun, args, _, parents = self.lines[i]
            if fun and len(parents) == 1 and isinstance(value, np.ndarray) and value.size:
                argnum, parent = parents[0]
                if np.may_share_memory(value, args[argnum]):
                    source[i] = parent
        return source

    def _root(self, i):
        while i in self.source:
            i = self.source[i]
        return i

    def _find_new(self):
        """Find large results that nobody else reads: these are made anew at each run."""
        new = set()
        for end in self.ends:
            alone = end is not None and self.readers[end] == ["result"]
            while alone and end in self.source:
                end = self.source[end]
                alone = len(self.readers[end]) == 1
            if alone and np.size(self.lines[end][0]) > 64 and self.lines[end][1]:
                new.add(end)
        return new

    def _give_places(self):
        """Give each result its array, again one whose last reader has read it."""
        last = {}
        for i, readers in self.readers.items():
            latest = max((r for r in readers if r != "result"), default=-1)
            kept = len(self.lines) if "result" in readers else latest
            last[self._root(i)] = max(last.get(self._root(i), -1), kept)
        free = {}
        for i in sorted(self.readers):
            value, fun, _, _, parents = self.lines[i]
            if i in self.source or i in self.new:
                continue
            if fun is None:
                self.slots[i] = np.empty_like(value) if np.size(value) <= SMALL else value
                continue
            roots = {self._root(parent) for _, parent in parents}
            done = [self.slots[r] for r in roots if last[r] == i and self.lines[r][1]]
            if not _works_entry_by_entry(fun):
                done, later = [], done
            else:
                later = []
            for array in done:
                free.setdefault(_form(array), []).append(array)
            spare = free.get(_form(np.asarray(value)))
            self.slots[i] = spare.pop() if spare else np.empty_like(value)
            for array in later:
                free.setdefault(_form(array), []).append(array)

    def _find_dependents(self, i):
        """List the lines that read a place, also through views of it."""
        readers = set(self.readers[i]) - {"result"}
        for view in readers & self.source.keys():
            readers.update(self._find_dependents(view))
        return sorted(readers)

    def _tie(self, numbers):
        """Tie the calls of some lines to their arguments and to the places of results."""
        for i in numbers:
            if (step := self._link(i)) is not None:
                place = self.places.setdefault(i, len(self.steps))
                self.steps[place : place + 1] = [step]

    def _link(self, i):
        """Return what a line does at each run, None if that is nothing."""
        value, fun, *_ = self.lines[i]
        if fun is bool:
            return functools.partial(_stay, self._call(i)[1][0], value)
        if i not in self.readers or fun is None:
            return None
        if i in self.new:
            return functools.partial(self._renew, i, *self._call(i))
        if i not in self.source:
            return _step(*self._call(i), self.slots[i])
        if self._root(i) in self.new:
            self.slots[i] = value
        else:
            fun, args, kwargs = self._call(i)
            self.slots[i] = fun(*args, **kwargs)
        return None

    def _call(self, i):
        """Return a call: the function, its arguments from their places, the keywords."""
        _, fun, args, kwargs, parents = self.lines[i]
        args = list(args)
        for argnum, parent in parents:
            args[argnum] = self.slots[parent]
        return fun, args, kwargs

    def _renew(self, i, fun, args, kwargs):
        self.slots[i] = fun(*args, **kwargs)


def _emptied(line):
    """Return a line without the numbers of the recorded run, which nobody needs now."""
    value, fun, args, kwargs, parents = line
    recorded = {argnum for argnum, _ in parents}
    args = [None if k in recorded else arg for k, arg in enumerate(args)]
    return _shape_of(value), fun, args, kwargs, parents


def _shape_of(x):
    """Return x, or for an array one of its shape and dtype that takes no memory."""
    return np.broadcast_to(np.zeros((), x.dtype), x.shape) if np.ndim(x) else x


def _require_arrays(lines):
    for value, fun, *_ in lines:
        if not isinstance(value, (np.ndarray, np.generic, float, int)):
            raise NotImplementedError(
                f"{name(fun)} returns a {type(value).__name__}, which replay cannot keep "
                f"in a place of its own. Call the function without replay."
            )


def _form(array):
    return array.shape, array.dtype, array.strides


def _works_entry_by_entry(fun):
    """Say whether a function may write its result over an argument."""
    return isinstance(fun, np.ufunc) and fun.signature is None


def _stay(place, answer):
    if bool(place) != answer:
        raise Strayed


def _step(fun, args, kwargs, out):
    """Return the call of no arguments that computes fun(*args) into `out`."""
    if fun is np.power and type(args[1]) in (int, float) and args[1] in POWERS:
        fun, args = POWERS[args[1]], args[:1]
    if isinstance(fun, np.ufunc) and not kwargs:
        return functools.partial(fun, *args, out=out)
    if fun in REDUCTIONS:
        x, axis = args[0], args[1] if len(args) > 1 else kwargs.get("axis")
        keepdims = kwargs.get("keepdims", False)
        reduce = functools.partial(REDUCTIONS[fun].reduce, x, axis, None, out, keepdims)
        if fun is np.mean:
            return functools.partial(_divide, reduce, out, np.size(x) / max(out.size, 1))
        return reduce
    return functools.partial(_copy_into, out, fun, args, kwargs)


def _divide(reduce, out, number):
    reduce()
    np.divide(out, number, out)


def _copy_into(out, fun, args, kwargs):
    out[...] = fun(*args, **kwargs)
