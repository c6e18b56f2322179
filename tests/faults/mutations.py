"""Seeded changes of bytes and of JSON values."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np

Rng = np.random.Generator


def deep(levels: int) -> list[Any]:
    """Lists within lists."""
    value: list[Any] = []
    for _ in range(levels):
        value = [value]
    return value


# What a value may become.
HOSTILE = (
    None, True, False, 0, 1, -1, 2, 7, 10**9, 2**63, 10**400, -0.5, 0.0, 1e-300, 1e308,
    float("nan"), float("inf"), "", "x", "counts", "log", "\ud800", "a" * 5000,
    [], [1], ["a"], ["a", "a"], {}, {"a": 1}, deep(50),
)  # fmt: skip


def changed_bytes(rng: Rng, data: bytes, most: int | None = None) -> bytes:
    """One to eight bytes flipped, among the first ``most``."""
    result = bytearray(data)
    for place in rng.integers(min(most or len(data), len(data)), size=rng.integers(1, 9)):
        result[place] ^= int(rng.integers(1, 256))
    return bytes(result)


def one_bit(rng: Rng, data: bytes) -> bytes:
    result = bytearray(data)
    result[rng.integers(len(data))] ^= 1 << int(rng.integers(8))
    return bytes(result)


def truncated(rng: Rng, data: bytes) -> bytes:
    return data[: rng.integers(len(data))]


def rearranged(rng: Rng, data: bytes) -> bytes:
    """A piece removed, repeated, moved, or filled with zeros."""
    a, b = sorted(rng.integers(len(data) + 1, size=2))
    return (
        data[:a] + data[b:],
        data[:b] + data[a:b] + data[b:],
        data[a:b] + data[:a] + data[b:],
        data[:a] + bytes(b - a) + data[b:],
        data + rng.bytes(int(rng.integers(1, 100))),
    )[rng.integers(5)]


def noise(rng: Rng, data: bytes) -> bytes:
    """Nothing of the file but its length, or its first bytes."""
    kept = min((0, 8, 200)[rng.integers(3)], len(data))
    return data[:kept] + rng.bytes(len(data) - kept)


def changed_json(rng: Rng, value: Any) -> Any:
    """The same with one part, at any depth, replaced, removed, renamed, repeated or nudged."""
    result = copy.deepcopy(value)
    places: list[tuple[Any, Any]] = []

    def walk(part: Any, depth: int) -> None:
        keys = part if isinstance(part, dict) else range(len(part))
        # Long lists are many of one kind.
        for key in list(keys)[:40]:
            # Upper levels as often as the many values below.
            places.extend([(part, key)] * (6 if depth == 0 else 1))
            if isinstance(part[key], dict | list):
                walk(part[key], depth + 1)

    walk(result, 0)
    part, key = places[rng.integers(len(places))]
    how = rng.integers(6)
    if how == 0:
        del part[key]
    elif how == 1 and isinstance(part, dict):
        part[f"{key}s"] = part.pop(key)
    elif how == 2 and isinstance(part, list):
        part.append(part[key])
    elif how == 3 and type(part[key]) in (int, float):
        part[key] = part[key] * (2, 10, -1)[rng.integers(3)] + 1
    else:
        part[key] = HOSTILE[rng.integers(len(HOSTILE))]
    return result
