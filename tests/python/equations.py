"""Parts of the paper's equations in NumPy, independent of the package."""

import numpy as np


def softmax(a: np.ndarray) -> np.ndarray:
    e = np.exp(a - a.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


def leaky(a: np.ndarray) -> np.ndarray:
    return np.where(a > 0, a, 0.01 * a)


def distances(z: np.ndarray, centers: np.ndarray) -> np.ndarray:
    return ((z[:, None, :] - centers[None]) ** 2).sum(axis=2)
