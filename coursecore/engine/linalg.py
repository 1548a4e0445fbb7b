"""Linear algebra: products of arrays beyond matmul, and the rules of numpy.linalg.

On this page, in this order:

- products: dot, inner, outer, tensordot, kron, einsum
- of numpy.linalg, for matrices and stacks of them: solve, slogdet, norm, eigh, eigvalsh,
  inv, det, cholesky

Where a derivative is missing: det of a singular matrix raises LinAlgError as inv does,
and norm passes nan at the zero vector (0/0). cholesky and eigh read the lower triangle
alone, so that the bar above the diagonal is 0. Eigenvectors of equal eigenvalues are not
determined: a bar that reaches them comes back as inf or nan. Bars of the eigenvalues
alone stay finite, but equal eigenvalues have a kink: the bar is one of many slopes.

Sources: Giles, Collected matrix derivative results (2008); Murray, Differentiation of
the Cholesky decomposition (2016).
"""

import string

import numpy as np

from .protocol import constant, defcomposite
from .trace import defvjp, primitive, unbox

Determinant = type(np.linalg.slogdet(np.eye(1)))
Eigensystem = type(np.linalg.eigh(np.eye(1)))
MOST_OPERANDS = 32


def transposed(x):
    """Transpose each matrix of a stack."""
    return np.swapaxes(x, -1, -2)


# -------------------------------------------------------------------------- products
@defcomposite(np.dot)
def dot(x, y):
    if np.ndim(x) == 0 or np.ndim(y) == 0:
        return x * y
    if np.ndim(x) <= 2 and np.ndim(y) <= 2:
        return np.matmul(x, y)
    return np.tensordot(x, y, axes=([-1], [-2 if np.ndim(y) > 1 else 0]))


@defcomposite(np.inner)
def inner(x, y):
    if np.ndim(x) == 0 or np.ndim(y) == 0:
        return x * y
    if np.ndim(y) == 1:
        return np.matmul(x, y)
    return np.tensordot(x, y, axes=([-1], [-1]))


@defcomposite(np.outer)
def outer(x, y):
    return np.reshape(x, (-1, 1)) * np.ravel(y)


@defcomposite(np.tensordot)
def tensordot(x, y, axes=2):
    if isinstance(axes, int):
        axes = range(np.ndim(x) - axes, np.ndim(x)), range(axes)
    of_x, of_y = (
        [axis % np.ndim(each) for axis in np.atleast_1d(chosen).astype(int)]
        for each, chosen in zip((x, y), axes, strict=True)
    )
    sizes = [np.shape(x)[axis] for axis in of_x], [np.shape(y)[axis] for axis in of_y]
    if sizes[0] != sizes[1]:
        raise ValueError(
            f"np.tensordot of shapes {np.shape(x)} and {np.shape(y)} sums over axes of "
            f"different sizes, {sizes[0]} and {sizes[1]}. Check axes=."
        )
    rows = [axis for axis in range(np.ndim(x)) if axis not in of_x]
    columns = [axis for axis in range(np.ndim(y)) if axis not in of_y]
    shape = [np.shape(x)[axis] for axis in rows] + [np.shape(y)[axis] for axis in columns]
    num_terms = int(np.prod(sizes[0]))
    num_rows = int(np.prod([np.shape(x)[axis] for axis in rows]))
    num_columns = int(np.prod([np.shape(y)[axis] for axis in columns]))
    left = np.reshape(np.transpose(x, rows + of_x), (num_rows, num_terms))
    right = np.reshape(np.transpose(y, of_y + columns), (num_terms, num_columns))
    return np.reshape(left @ right, shape)


@defcomposite(np.kron)
def kron(x, y):
    num_axes = max(np.ndim(x), np.ndim(y))
    of_x = (1,) * (num_axes - np.ndim(x)) + np.shape(x)
    of_y = (1,) * (num_axes - np.ndim(y)) + np.shape(y)
    x = np.reshape(x, [s for size in of_x for s in (size, 1)])
    y = np.reshape(y, [s for size in of_y for s in (1, size)])
    return np.reshape(x * y, [a * b for a, b in zip(of_x, of_y, strict=True)])


@defcomposite(np.einsum)
def einsum(subscripts, *operands, optimize=False):
    if not isinstance(subscripts, str):
        raise NotImplementedError(
            "np.einsum is traced with subscripts in a string only, "
            "such as np.einsum('ij,jk->ik', x, y)."
        )
    labels, output = explicit(subscripts, [np.ndim(operand) for operand in operands])
    operands = list(operands)
    for k, own in enumerate(labels):
        while twice := next((label for label in own if own.count(label) > 1), None):
            first = own.index(twice)
            second = own.index(twice, first + 1)
            operands[k] = np.diagonal(operands[k], 0, first, second)
            own = own[:first] + own[first + 1 : second] + own[second + 1 :] + twice
        labels[k] = own
    return contract(f"{','.join(labels)}->{output}", *operands, optimize=optimize)


def explicit(subscripts, num_axes):
    """Write out what einsum's subscripts leave unsaid: the output, and each ellipsis."""
    inputs, arrow, output = subscripts.replace(" ", "").partition("->")
    inputs = inputs.split(",")
    if len(inputs) != len(num_axes):
        raise ValueError(
            f"np.einsum needs an operand for each of its {len(inputs)} subscripts "
            f"{subscripts!r}, but got {len(num_axes)}."
        )
    free = [letter for letter in string.ascii_letters if letter not in subscripts]
    hidden = [
        n - len(own.replace("...", "")) if "..." in own else 0
        for own, n in zip(inputs, num_axes, strict=True)
    ]
    ellipsis = "".join(free[: max(hidden)])
    if not arrow:
        seen = "".join(inputs).replace(".", "")
        once = sorted(label for label in set(seen) if seen.count(label) == 1)
        output = "..." + "".join(once)
    labels = [
        own.replace("...", ellipsis[len(ellipsis) - n :])
        for own, n in zip(inputs, hidden, strict=True)
    ]
    return labels, output.replace("...", ellipsis)


@primitive
def contract(subscripts, *operands, optimize=False):
    """Run einsum on explicit subscripts, no label twice in one operand."""
    return np.einsum(subscripts, *operands, optimize=optimize)


def contract_back(k):
    """Make the VJP of operand k: the same sum, with the bar in place of the operand."""

    def vjp(z_bar, z, subscripts, *operands, optimize=False):
        inputs, output = subscripts.split("->")
        inputs, x = inputs.split(","), operands[k]
        own = inputs[k]
        others = [output, *inputs[:k], *inputs[k + 1 :]]
        arrays = [z_bar, *operands[:k], *operands[k + 1 :]]
        known = "".join(label for label in own if label in "".join(others))
        x_bar = np.einsum(f"{','.join(others)}->{known}", *arrays, optimize=optimize)
        summed = tuple(i for i, label in enumerate(own) if label not in known)
        x_bar = np.expand_dims(x_bar, summed)
        repeated = tuple(
            i for i, size in enumerate(np.shape(x)) if size == 1 and np.shape(x_bar)[i] != 1
        )
        if repeated:
            x_bar = np.sum(x_bar, axis=repeated, keepdims=True)
        return np.broadcast_to(x_bar, np.shape(x)) if summed else x_bar

    return vjp


# -------------------------------------------------------------------- linear systems
@primitive
def solve_each(a, b):
    """Solve a z = b for stacks of matrices of one shape."""
    return np.linalg.solve(a, b)


@defcomposite(np.linalg.solve)
def solve(a, b):
    if np.ndim(b) == 1:
        return np.squeeze(np.linalg.solve(a, np.expand_dims(b, 1)), axis=-1)
    batch = np.broadcast_shapes(np.shape(a)[:-2], np.shape(b)[:-2])
    a = np.broadcast_to(a, batch + np.shape(a)[-2:])
    return solve_each(a, np.broadcast_to(b, batch + np.shape(b)[-2:]))


@primitive
def log_abs_det(x):
    """Return log |det x| for a stack of matrices."""
    return np.linalg.slogdet(x).logabsdet


@defcomposite(np.linalg.slogdet)
def slogdet(x):
    return Determinant(sign_of_det(constant(x)), log_abs_det(x))


@primitive
def sign_of_det(x):
    """Return the sign of det(x), which has no slope."""
    return np.linalg.slogdet(x).sign


def of_matrices(z_bar):
    """Give one number for each matrix of a stack the two axes of a matrix."""
    return np.expand_dims(z_bar, (-1, -2))


# ----------------------------------------------------------------------------- norms
@defcomposite(np.linalg.norm)
def norm(x, ord=None, axis=None, keepdims=False):
    length = ord in (None, 2) if np.ndim(x) == 1 else ord is None
    if axis is None and (length or (ord in ("fro", "f") and np.ndim(x) == 2)):
        return np.sqrt(np.sum(x * x, keepdims=keepdims))
    axes = tuple(range(np.ndim(x))) if axis is None else axis
    axes = tuple(axes) if isinstance(axes, (tuple, list)) else (axes,)
    if len(axes) == 1:
        return norm_of_vectors(x, ord, axes[0], keepdims)
    if len(axes) == 2:
        return norm_of_matrices(x, ord, axes, keepdims)
    raise ValueError(
        f"np.linalg.norm is that of vectors or matrices, but got {len(axes)} axes. "
        f"Choose one or two with axis=."
    )


def norm_of_vectors(x, ord, axis, keepdims):
    how = {"axis": axis, "keepdims": keepdims}
    if ord is None or ord == 2:
        return np.sqrt(np.sum(x * x, **how))
    if ord == 1:
        return np.sum(np.abs(x), **how)
    if ord == np.inf:
        return np.max(np.abs(x), **how)
    if ord == -np.inf:
        return np.min(np.abs(x), **how)
    if isinstance(ord, str) or ord == 0:
        raise unknown_norm(ord, "vectors", "1, 2, any other power, inf or -inf")
    return np.sum(np.abs(x) ** ord, **how) ** (1 / ord)


def norm_of_matrices(x, ord, axes, keepdims):
    if ord in (None, "fro", "f"):
        return np.sqrt(np.sum(x * x, axis=axes, keepdims=keepdims))
    if ord not in (1, -1, np.inf, -np.inf):
        raise unknown_norm(ord, "matrices", "'fro', 1, -1, inf or -inf")
    rows, columns = axes
    summed, kept = (rows, columns) if abs(ord) == 1 else (columns, rows)
    sums = np.sum(np.abs(x), axis=summed, keepdims=True)
    z = (np.max if ord > 0 else np.min)(sums, axis=kept, keepdims=True)
    return z if keepdims else np.squeeze(z, axis=axes)


def unknown_norm(ord, what, known):
    return NotImplementedError(
        f"np.linalg.norm with ord={ord!r} has no VJP for {what}. Use {known}."
    )


# -------------------------------------------------------------------- decompositions
def fold(s):
    """Add the part of a bar above the diagonal to its mirror image below."""
    return np.tril(s) + np.tril(transposed(s), -1)


def cholesky_back(z_bar, z, x):
    inverse = np.linalg.inv(z)
    inside = np.tril(transposed(z) @ z_bar)
    inside = inside * (1 - np.eye(np.shape(z)[-1], dtype=np.result_type(unbox(z))) / 2)
    return fold(transposed(inverse) @ inside @ inverse)


@primitive
def eigensystem(x):
    """Return eigenvalues and eigenvectors in one array: the row of values on top."""
    values, vectors = np.linalg.eigh(x)
    return np.concatenate([np.expand_dims(values, -2), vectors], axis=-2)


def eigensystem_back(z_bar, z, x):
    values, vectors = z[..., :1, :], z[..., 1:, :]
    turn = transposed(vectors) @ z_bar[..., 1:, :]
    diagonal = np.eye(np.shape(x)[-1], dtype=bool)
    gaps = values - transposed(values)
    # An eigenvector has no message for itself, nor for an equal one if none came in.
    gaps = np.where(diagonal | ((gaps == 0) & (turn == 0)), np.inf, gaps)
    inside = turn / gaps + np.where(diagonal, z_bar[..., :1, :], 0.0)
    return fold(vectors @ inside @ transposed(vectors))


@defcomposite(np.linalg.eigh)
def eigh(x):
    z = eigensystem(x)
    return Eigensystem(z[..., 0, :], z[..., 1:, :])


@defcomposite(np.linalg.eigvalsh)
def eigvalsh(x):
    return eigensystem(x)[..., 0, :]


# fmt: off
# ruff: noqa: E501 - one aligned line a rule
defvjp(contract, None, *map(contract_back, range(MOST_OPERANDS)))
defvjp(np.linalg.inv,      lambda z_bar, z, x: -transposed(z) @ z_bar @ transposed(z))
defvjp(np.linalg.det,      lambda z_bar, z, x: of_matrices(z_bar * z) * transposed(np.linalg.inv(x)))
defvjp(log_abs_det,        lambda z_bar, z, x: of_matrices(z_bar) * transposed(np.linalg.inv(x)))
defvjp(solve_each,         lambda z_bar, z, a, b: -np.linalg.solve(transposed(a), z_bar) @ transposed(z),
                           lambda z_bar, z, a, b: np.linalg.solve(transposed(a), z_bar))
defvjp(np.linalg.cholesky, cholesky_back)
defvjp(eigensystem,        eigensystem_back)
# fmt: on
