"""Grammars: rules in text, read into weighted alternatives.

One rule a line; a line that begins with a space continues the last, one with # is a remark.

    SENTENCE = 3 the ANIMAL[$number] HOP[$number] . | 1 hello .
    ANIMAL[one] = frog
    ANIMAL[many] = frogs
    HOP[one] = hops
    HOP[many] = hop | jump

Names begin with a capital and stand for their alternatives; everything else is a word. A
number in front weighs an alternative, 1 if there is none. `()` is the empty alternative.
A variable in the name of a rule makes one rule for each of its values; one in an
alternative alone makes one alternative for each, which share its weight. That is how words
far apart agree.
"""

import itertools
import re

_VARIABLE = re.compile(r"\$\w+")


def parse(text, values, start):
    """Read rules with all variables filled in: {name: [(probability, symbols), …]}.

    `values` lists the values of each variable. Raises ValueError for a rule that is
    missing, unused, doubled or recursive, or not written as one.
    """
    lines = [line for line in text.splitlines() if line.strip() and line[0] != "#"]
    rules, lines_of = {}, {}
    for line in "\n".join(lines).replace("\n ", " ").splitlines():
        name, equals, right = (part.strip() for part in line.partition("="))
        if not equals or not name[:1].isupper() or not right:
            raise ValueError(f"A rule is written NAME = alternatives, got {line!r}.")
        for one_name, one_right in _fill(name, values, also=right):
            if one_name in rules:
                raise ValueError(f"The rule {one_name} is given twice.")
            rules[one_name] = _alternatives(one_right, values)
            lines_of[one_name] = name
    _check(rules, lines_of, start)
    return rules


def _fill(text, values, also=""):
    """Yield the text, and what else is given, with each choice of the text's variables."""
    names = list(dict.fromkeys(_VARIABLE.findall(text)))
    for name in names:
        if name[1:] not in values:
            raise ValueError(f"No values are given for the variable {name} in {text!r}.")
    for chosen in itertools.product(*(values[name[1:]] for name in names)):
        filled = dict(zip(names, chosen, strict=True))

        def put(match, filled=filled):
            return filled.get(match[0], match[0])

        yield _VARIABLE.sub(put, text), _VARIABLE.sub(put, also)


def _alternatives(right, values):
    weighted = []
    for alternative in right.split("|"):
        first, _, rest = alternative.strip().partition(" ")
        numeric = first.replace(".", "", 1).isdigit() and rest
        weight, symbols = (float(first), rest) if numeric else (1.0, alternative)
        symbols = symbols.replace("()", "")
        choices = [tuple(one.split()) for one, _ in _fill(symbols, values)]
        weighted += [(weight / len(choices), choice) for choice in choices]
    if min(weight for weight, _ in weighted) <= 0:
        raise ValueError(f"Alternatives have weights above 0, got {right!r}.")
    total = sum(weight for weight, _ in weighted)
    return [(weight / total, choice) for weight, choice in weighted]


def _check(rules, lines, start):
    """Refuse rules that are missing, unused or recursive."""
    finished, path = set(), []

    def follow(name):
        if name in path:
            loop = " → ".join([*path[path.index(name) :], name])
            raise ValueError(f"Rules may not come back to themselves, but {loop} do.")
        if name in finished or not name[:1].isupper():
            return
        if name not in rules:
            by = f", which {path[-1]} needs" if path else ""
            raise ValueError(f"There is no rule {name}{by}.")
        path.append(name)
        for _, alternative in rules[name]:
            for symbol in alternative:
                follow(symbol)
        finished.add(path.pop())

    follow(start)
    # A variable may make rules too many; a line of rules must be good for something.
    if unused := sorted(set(lines.values()) - {lines[name] for name in finished}):
        raise ValueError(f"No sentence needs the rules {', '.join(unused)}.")
