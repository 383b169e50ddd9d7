"""Weights and data made from a name and the position of an element alone; formula.cjs makes the same, to the bit."""

import math

import numpy

CHUNK = 1 << 20  # so that a large table needs little memory beside itself


def start_of(name: str) -> int:
    """FNV-1a of a name."""
    value = 0x811C9DC5
    for byte in name.encode():
        value = ((value ^ byte) * 0x01000193) & 0xFFFFFFFF
    return value


def uniform(start: int, size: int) -> numpy.ndarray:
    """Numbers start … start + size - 1 of a sequence that is uniform in [0, 1), by 32-bit hashing."""
    x = numpy.arange(start, start + size, dtype=numpy.uint64).astype(numpy.uint32)
    x = x * numpy.uint32(0x9E3779B1)
    x = (x ^ (x >> numpy.uint32(15))) * numpy.uint32(0x85EBCA77)
    x = (x ^ (x >> numpy.uint32(13))) * numpy.uint32(0xC2B2AE3D)
    return ((x ^ (x >> numpy.uint32(16))) >> numpy.uint32(8)) / 2**24


def glorot_limit(shape: tuple[int, ...]) -> float:
    """The limit of Glorot and Bengio 2010; the last two axes are in and out, those before them a window."""
    return math.sqrt(6 / (math.prod(shape[:-2]) * (shape[-2] + shape[-1])))


def initial_value(name: str, shape: tuple[int, ...]) -> numpy.ndarray:
    """Initial value of a parameter. The end of its name decides: `/weight` and `/kernel` are Glorot-uniform, `/scale` is
    within 0.05 of 1, all others (tables and biases) are within 0.05 of 0."""
    limit = glorot_limit(shape) if name.endswith(("/weight", "/kernel")) else 0.05
    centre = 1.0 if name.endswith("/scale") else 0.0
    start, size = start_of(name), math.prod(shape)
    values = numpy.empty(size, numpy.float32)
    for i in range(0, size, CHUNK):
        length = min(CHUNK, size - i)
        values[i : i + length] = centre + limit * (2 * uniform(start + i, length) - 1)
    return values.reshape(shape)
