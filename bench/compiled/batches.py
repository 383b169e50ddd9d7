"""The batches of every side, made by formula; batches.cjs makes the same."""

import math

import numpy
from formula import start_of, uniform

NUM_BATCHES = 4


def make_ids(start: int, batch: int, sizes: dict) -> numpy.ndarray:
    """Rows differ in length; what is after it is padding, which is 0."""
    length = sizes["length"]
    ids_BL = 1 + numpy.floor(uniform(start, batch * length) * (sizes["vocabulary"] - 1)).reshape(batch, length)
    kept_B = 1 + (7 * numpy.arange(batch) + 5) % length
    return numpy.where(numpy.arange(length) < kept_B[:, None], ids_BL, 0).astype(numpy.int32)


def make_batch(sizes: dict, batch: int, index: int) -> dict[str, numpy.ndarray]:
    """Batch number `index` of a model in models.json."""

    def numbers(name: str, *shape: int) -> numpy.ndarray:
        return uniform(start_of(f"batch{index}/{name}"), math.prod(shape)).reshape(shape)

    arrays = {}
    if "vocabulary" in sizes:
        arrays["ids"] = make_ids(start_of(f"batch{index}/ids"), batch, sizes)
    if "imageSize" in sizes:
        arrays["image"] = numbers("image", batch, sizes["imageSize"], sizes["imageSize"], 3).astype(numpy.float32)
    if "features" in sizes:
        arrays["vector"] = numbers("vector", batch, sizes["features"]).astype(numpy.float32)
    arrays["label"] = (numbers("label", batch, sizes["labels"]) < 0.2).astype(numpy.float32)
    return arrays


def make_batches(sizes: dict, batch: int) -> list[dict[str, numpy.ndarray]]:
    return [make_batch(sizes, batch, index) for index in range(NUM_BATCHES)]
