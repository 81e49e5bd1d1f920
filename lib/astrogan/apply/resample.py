"""Separable resampling as sparse matrices, so that a frame can pass through in strips of rows.

The kernels are Pillow's: the triangle, stretched by the scale when an image shrinks (antialiased), and the cubic with
a = -0.5 (Keys 1981), which the project uses elsewhere. Edges renormalise what is left of the kernel.
"""

import numpy as np
from scipy.sparse import csr_matrix


def triangle(x: np.ndarray) -> np.ndarray:
    """The bilinear kernel, zero from 1 on."""
    return np.maximum(0, 1 - np.abs(x))


def cubic(x: np.ndarray) -> np.ndarray:
    """Keys' cubic with a = -0.5, zero from 2 on."""
    x = np.abs(x)
    near = 1.5 * x**3 - 2.5 * x**2 + 1
    far = -0.5 * x**3 + 2.5 * x**2 - 4 * x + 2
    return np.where(x < 1, near, np.where(x < 2, far, 0.0))


def weights(n_in: int, n_out: int, kernel=triangle) -> csr_matrix:
    """float32 (n_out, n_in): row i holds what output pixel i takes of each input pixel; rows sum to one."""
    scale = n_in / n_out
    stretch = max(1.0, scale)
    support = stretch * (2 if kernel is cubic else 1)
    centre = (np.arange(n_out) + 0.5) * scale
    first = np.floor(centre - support).astype(int)
    taps = first[:, None] + np.arange(int(np.ceil(2 * support)) + 2)
    values = kernel((taps + 0.5 - centre[:, None]) / stretch)
    inside = (taps >= 0) & (taps < n_in) & (values != 0)
    values = np.where(inside, values, 0.0)
    values /= values.sum(axis=1, keepdims=True)
    rows = np.broadcast_to(np.arange(n_out)[:, None], taps.shape)
    return csr_matrix((values[inside].astype(np.float32), (rows[inside], taps[inside])), shape=(n_out, n_in))


class Shrunk:
    """Collects a plane (height, width) that comes in strips, at (rows, columns) of a smaller size."""

    def __init__(self, shape: tuple[int, int], size: tuple[int, int]):
        self._vertical, self._horizontal = weights(shape[0], size[0]), weights(shape[1], size[1])
        self.plane = np.zeros(size, np.float32)
        """float32 (rows, columns): the result once every strip was added."""

    def add(self, start: int, strip: np.ndarray) -> None:
        """Add rows `start`, ... as float32 (n, width)."""
        narrow = (self._horizontal @ strip.T).T
        self.plane += self._vertical[:, start : start + len(strip)] @ narrow


class Enlarged:
    """Strips of a small map (h, w, C) at the size (height, width), by the cubic kernel."""

    def __init__(self, small: np.ndarray, shape: tuple[int, int]):
        self._vertical = weights(small.shape[0], shape[0], cubic)
        horizontal = weights(small.shape[1], shape[1], cubic)
        flat = small.transpose(1, 0, 2).reshape(small.shape[1], -1)
        wide = (horizontal @ flat).reshape(shape[1], small.shape[0], small.shape[2])
        self._shape = (shape[1], small.shape[2])
        self._wide = np.ascontiguousarray(wide.transpose(1, 0, 2)).reshape(small.shape[0], -1)

    def rows(self, start: int, stop: int) -> np.ndarray:
        """float32 (stop - start, width, C)."""
        return (self._vertical[start:stop] @ self._wide).reshape(stop - start, *self._shape)
