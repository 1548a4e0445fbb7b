"""Usage: which functions a function leans on, read from its instructions.

An exercise that asks for softmax should not be answered by the library's softmax. The
instructions of a Python function say what it looks up, and by which name.
"""

import builtins
import dis
import inspect
import sys
from types import CodeType, FunctionType

GLOBAL = {"LOAD_GLOBAL", "LOAD_NAME", "LOAD_DEREF", "LOAD_CLASSDEREF", "LOAD_CLOSURE"}
ATTRIBUTE = {"LOAD_ATTR", "LOAD_METHOD", "IMPORT_FROM", "LOAD_SUPER_ATTR"}


def uses(fun, functions):
    """Return the name of the first of `functions` that `fun` uses, "" if it uses none.

    A module among them stands for itself and all its functions. Found are a use by name,
    as an attribute of a module (`coursecore.grad`), through `getattr`, a default argument
    or a partial, and a use inside other functions of the same notebook that `fun` calls.
    An attribute counts by its name alone.
    """
    wanted = {id(each): each.__name__ for each in functions}
    aliases = {alias: each.__name__ for each in functions for alias in _aliases(each)}
    return _find(fun, wanted, aliases, set())


def _aliases(fun):
    """List the names that a function has in its home: np.absolute is np.abs as well."""
    home = sys.modules.get(getattr(fun, "__module__", None) or "numpy")
    return [fun.__name__, *(name for name, value in vars(home).items() if value is fun)]


def _find(fun, wanted, aliases, seen):
    for each in (fun, _plain(fun)):
        if wanted.keys() & _identities(each):
            return wanted.get(id(each)) or each.__name__
    fun = _plain(fun)
    if not isinstance(fun, FunctionType) or id(fun) in seen:
        return ""
    seen.add(id(fun))
    names, attributes = _mentioned(fun.__code__)
    for name in attributes:
        if name in aliases:
            return aliases[name]
    known = vars(builtins) | fun.__globals__ | inspect.getclosurevars(fun).nonlocals
    values = [known[name] for name in names if name in known]
    values += [*(fun.__defaults__ or ()), *(fun.__kwdefaults__ or {}).values()]
    for value in values:
        own = getattr(value, "__module__", None) == fun.__module__
        if own or wanted.keys() & (_identities(value) | _identities(_plain(value))):
            found = _find(value, wanted, aliases, seen)
            if found:
                return found
    return ""


def _identities(fun):
    """Return what a function is known by: itself, and the module it comes from."""
    module = getattr(fun, "__module__", None)
    return {id(fun), id(sys.modules.get(module if isinstance(module, str) else None))}


def _plain(fun):
    """Look through partials, bound methods, wrappers and callable objects."""
    fun = getattr(fun, "func", getattr(fun, "__func__", fun))
    if callable(fun):
        fun = inspect.unwrap(fun)
    if callable(fun) and not isinstance(fun, (FunctionType, type)):
        fun = getattr(type(fun).__call__, "__func__", type(fun).__call__)
    return fun


def _mentioned(code):
    """List the names and the attributes that a code object and those inside it look up."""
    names, attributes = [], []
    by_text = {"LOAD_CONST"} if "getattr" in code.co_names else set()
    for instruction in dis.get_instructions(code):
        if instruction.opname in GLOBAL:
            names.append(instruction.argval)
        elif instruction.opname in ATTRIBUTE | by_text:
            attributes.append(instruction.argval)
    for inner in code.co_consts:
        if isinstance(inner, CodeType):
            more_names, more_attributes = _mentioned(inner)
            names += more_names
            attributes += more_attributes
    return names, attributes
