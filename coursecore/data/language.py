"""Languages whose probabilities are known: grammars compiled to an automaton.

A grammar says what a sentence is made of, with weights. What has been said so far leaves
something still to be said: that is a *state*. A language without recursion has finitely
many of them, and then everything about it can be computed and not just estimated: the
distribution of the next word, given all words before or the last k alone, and its entropy.
No model predicts better on average than that distribution; the entropy is the bound.
"""

import itertools
from collections import defaultdict
from functools import cached_property

import numpy as np

from .grammar import parse

_END = ()  # the state in which nothing is left to be said


class Language:
    """A finite language given by weighted rules; a call draws sentences from it.

    How rules are written, and what `values` are for, stands in the module `grammar`. A
    sentence is what the rule `start` makes; it ends with a word that does nothing else,
    such as a full stop, so that the end of a sentence needs no sign of its own.

    >>> frogs = Language("S = the $frog . \\n | 3 hop .", {"frog": ["frog", "frogs"]}, "S")
    >>> frogs.next_word(["the"], words=["frog", "frogs", "."])
    array([0.5, 0.5, 0. ])

    Raises ValueError, when it is first used, for rules that make no language.
    """

    def __init__(self, rules, values, start="SENTENCE"):
        self._source = rules, values
        self._start = start

    def __call__(self, rng, num_sentences):
        """Draw sentences: a list of lists of words.

        Each sentence begins at the start and takes each next word with its probability,
        all sentences side by side.
        """
        if num_sentences < 0:
            raise ValueError(f"There is no sample of {num_sentences} sentences.")
        automaton = self._automaton
        state = np.full(num_sentences, automaton.start)
        columns = []
        while (going := np.flatnonzero(state != automaton.end)).size:
            edges = automaton.draw(rng, state[going])
            column = np.full(num_sentences, -1)
            column[going] = automaton.word[edges]
            columns.append(column.tolist())
            state[going] = automaton.target[edges]
        rows = zip(*columns, strict=True)
        return [[self.words[word] for word in row if word >= 0] for row in rows]

    @cached_property
    def words(self):
        """The vocabulary, in alphabetical order: a tuple of V words."""
        return self._automaton.words

    @cached_property
    def mean_length(self):
        """The expected number of words in a sentence."""
        return float(self._automaton.visits.sum())

    def __contains__(self, sentence):
        """Say whether a list of words is a whole sentence of the language."""
        try:
            belief = self._after(self._automaton.beginning, sentence, sentence)
        except ValueError:
            return False
        return self._automaton.end in belief

    # ------------------------------------------------------- exact probabilities

    def next_word(self, prefix, window=None, words=None):
        """Return the true distribution of the next word, (V,), given the words before it.

        With `window`, only the last so many words of the prefix are known; a prefix
        shorter than the window is known to be the beginning of the sentence. The order
        of the answer is that of `words`, e.g. those of a model's vocabulary, else that of
        `self.words`; a word that is not of the language has probability 0.

        Raises ValueError if no sentence has these words.
        """
        prefix = list(prefix)
        predicted = self._predict(self._belief(prefix, window))
        if not predicted:
            raise ValueError(f"{' '.join(prefix)!r} is whole: no word follows.")
        P = np.zeros(len(self.words))
        P[list(predicted)] = list(predicted.values())
        if words is None:
            return P
        number = self._automaton.number
        return np.array([P[number[word]] if word in number else 0.0 for word in words])

    def log_prob(self, sentence, window=None):
        """Return the log-probability of each word of a sentence, (T,), in nats.

        −mean over the words of a sample is what no model gets below but by luck. With
        `window`, each word is predicted from the last so many alone.
        """
        sentence = list(sentence)
        logs = np.empty(len(sentence))
        belief = self._automaton.beginning
        for t, word in enumerate(sentence):
            if window is not None:
                belief = self._belief(sentence[:t], window)
            following = self._after(belief, [word], sentence[: t + 1])
            logs[t] = np.log(self._predict(belief)[self._automaton.number[word]])
            belief = following
        return logs

    def entropy(self, window=None, padded=True):
        """Return the entropy of the next word in nats, averaged over all words said.

        Without `window` the whole sentence before a word is known: the entropy of the
        language per word. With `window`, only the last so many words are; that is the
        least cross-entropy of any model of that window, e.g. window=n−1 for n-grams,
        and it falls to the entropy as the window grows. window=0: unigrams.

        The beginning of a sentence counts as known where the window reaches it, as it
        does for a model with padded sentences. With `padded=False` the average is over
        those words alone that have `window` words before them in their sentence.
        """
        automaton = self._automaton
        if window is None:
            return self._sum_entropies(self._layers(automaton.beginning)) / self.mean_length
        _require_window(window)
        inside = next(itertools.islice(self._layers(automaton.anywhere), window, None), {})
        if not inside and not padded:
            raise ValueError(f"No sentence is longer than the window of {window} words.")
        beginnings = (
            itertools.islice(self._layers(automaton.beginning), window) if padded else []
        )
        layers = [inside, *beginnings]
        num_words = sum(weight for layer in layers for weight in layer.values())
        return self._sum_entropies(layers) / num_words

    # ------------------------------------------------------------------- beliefs
    # A belief says how probable each state is: a dictionary that need not sum to 1.

    def _belief(self, prefix, window):
        if window is None or len(prefix) < window:
            return self._after(self._automaton.beginning, prefix, prefix)
        _require_window(window)
        known = prefix[len(prefix) - window :]
        return self._after(self._automaton.anywhere, known, known)

    def _after(self, belief, words, prefix):
        """Return the belief after some more words: the forward algorithm."""
        for word in words:
            if word not in self._automaton.number:
                import difflib

                near = difflib.get_close_matches(str(word), self.words)
                hint = f" Did you mean {' or '.join(near)}?" if near else ""
                raise ValueError(f"{word!r} is not a word of this language.{hint}")
            belief = self._step(belief, self._automaton.number[word])
            if not belief:
                raise ValueError(f"No sentence of this language has {' '.join(prefix)!r}.")
        return belief

    def _step(self, belief, word):
        after = defaultdict(float)
        for state, weight in belief.items():
            for target, probability in self._automaton.leaving[state].get(word, ()):
                after[target] += weight * probability
        return dict(after)

    def _predict(self, belief):
        """Return the probabilities of the next words as a dictionary."""
        joint = defaultdict(float)
        for state, weight in belief.items():
            for word, edges in self._automaton.leaving[state].items():
                joint[word] += weight * sum(probability for _, probability in edges)
        total = sum(joint.values())
        return {word: weight / total for word, weight in joint.items()}

    def _layers(self, belief):
        """Yield for t = 0, 1, …: what may be believed after t words, and how often it is.

        A layer maps beliefs, normalised, to the expected number of times that they are
        held before a next word. Beliefs that agree meet again, so that there are far
        fewer of them than there are beginnings of sentences.
        """
        layer = {_key(belief): sum(belief.values())}
        while layer:
            yield layer
            following = defaultdict(float)
            for key, weight in layer.items():
                belief = dict(key)
                for word in self._predict(belief):
                    after = self._step(belief, word)
                    after.pop(self._automaton.end, None)
                    if after:
                        following[_key(after)] += weight * sum(after.values())
            layer = following

    def _sum_entropies(self, layers):
        total = 0.0
        for layer in layers:
            for key, weight in layer.items():
                P = np.array(list(self._predict(dict(key)).values()))
                total -= weight * np.sum(P * np.log(P))
        return float(total)

    @cached_property
    def _automaton(self):
        return _Automaton(parse(*self._source, start=self._start), (self._start,))


def _require_window(window):
    if window < 0:
        raise ValueError(f"A window has at least 0 words, got {window}.")


def _key(belief):
    """Return a belief, normalised, as something that a dictionary can look up."""
    total = sum(belief.values())
    return tuple(sorted((state, round(w / total, 12)) for state, w in belief.items()))


class _Automaton:
    """States, and the edges between them: a word is said with some probability.

    A state is the tuple of symbols that are still to be said. To leave it, its first
    symbol is replaced by its alternatives until a word stands in front.
    """

    def __init__(self, rules, start):
        states, edges = {start: 0}, []
        for stack in (waiting := [start]):
            if stack == _END:
                continue
            for (word, rest), probability in _say(stack, rules).items():
                if rest not in states:
                    states[rest] = len(states)
                    waiting.append(rest)
                edges.append((states[stack], word, states[rest], probability))
        ending = {word for _, word, target, _ in edges if target == states[_END]}
        if both := sorted(
            ending & {w for _, w, target, _ in edges if target != states[_END]}
        ):
            raise ValueError(
                f"{both[0]!r} ends some sentences and stands within others. Let sentences"
                " end with a word that does nothing else, as a full stop does."
            )
        self.words = tuple(sorted({word for _, word, _, _ in edges}))
        self.number = {word: i for i, word in enumerate(self.words)}
        self.num_states, self.start, self.end = len(states), 0, states[_END]
        self.beginning = {self.start: 1.0}
        source, words, target, prob = zip(*edges, strict=True)
        self.source, self.target = np.array(source), np.array(target)
        self.word = np.array([self.number[word] for word in words])
        self.prob = np.array(prob)
        self.leaving = [{} for _ in states]
        for s, word, t, p in zip(source, self.word.tolist(), target, prob, strict=True):
            self.leaving[s].setdefault(word, []).append((t, p))
        # One long ruler: the edges of state s divide the stretch from s to s + 1.
        self.stop = np.searchsorted(self.source, np.arange(len(states)), "right")
        within = np.cumsum(self.prob) - np.searchsorted(np.unique(source), source)
        self.ruler = within + self.source
        self.visits = self._expect_visits()
        # Anywhere in a sentence: as often in each state as a sentence is on average.
        self.anywhere = {s: n for s, n in enumerate(self.visits.tolist()) if n > 0}

    def draw(self, rng, state):
        """Draw an edge out of each of some states: (N,)."""
        place = np.searchsorted(self.ruler, state + rng.random(len(state)), "right")
        return np.minimum(place, self.stop[state] - 1)  # rounding may reach s + 1

    def _expect_visits(self):
        """Return how often a sentence is in each state on average, the end left out."""
        here = np.zeros(self.num_states)
        here[self.start] = 1.0
        visits = np.zeros(self.num_states)
        while here.any():
            here[self.end] = 0.0
            visits += here
            flow = here[self.source] * self.prob
            here = np.bincount(self.target, flow, minlength=self.num_states)
        return visits


def _say(stack, rules):
    """Return what may be said next: {(word, what is left then): probability}."""
    found = defaultdict(float)
    open_ends = [(1.0, stack)]
    while open_ends:
        probability, symbols = open_ends.pop()
        if symbols and symbols[0] in rules:
            for weight, alternative in rules[symbols[0]]:
                open_ends.append((probability * weight, alternative + symbols[1:]))
        elif symbols:
            found[symbols[0], symbols[1:]] += probability
        else:
            raise ValueError("A sentence may be empty: it must end with a word.")
    return found
