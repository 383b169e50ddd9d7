"""Values and gradients of the ops of @assay/graph in float64, with NumPy alone and by other formulas where there are any.

usage: reference-ops.py < cases.json
A case is {op, options, inputs: {name: {kind, shape, limit}}, wrt: [name]}. The inputs are computed from their kind, the index
of the element and the position of the input; op-cases.fixture.ts does the same. Gradients are those of sum(sin(2 value)) by
central differences. Prints [{value, gradients: {name: […]}}], flattened.
"""

import json
import math
import sys

import numpy as np

DELTA = 1e-5


def make_input(kind: str, shape: list[int], limit: int, position: int) -> np.ndarray:
    i = np.arange(math.prod(shape))
    values = {
        "float": 1.2 * np.sin(0.9 * i + 2.3 * position + 0.4),
        "positive": 0.3 + np.abs(np.sin(1.7 * i + position)),
        "mask": np.where((i < shape[-1]) & (shape[0] > 1), 0, (i * 5 + 2) % 3 > 0).astype(float),
        "zeros": np.zeros(len(i)),
        "weight": np.array([0.5, 1, 0, 2, 0.25])[i % 5],
        "id": (i * i + 2 * i + 1) % max(limit, 1),
        "class": np.where(i % 4 == 1, -1, (i * 3 + 1) % max(limit, 1)),
        "byte": (i * 37) % 256,
    }[kind]
    return values.reshape(shape)


def softmax(z):
    e = np.exp(z - z.max(-1, keepdims=True, initial=-np.inf))
    return e / e.sum(-1, keepdims=True)


def batch_norm(x, scale, offset, epsilon):
    axes = tuple(range(x.ndim - 1))
    return (x - x.mean(axes)) / np.sqrt(x.var(axes) + epsilon) * scale + offset


def layer_norm(x, scale, offset):
    return (x - x.mean(-1, keepdims=True)) / np.sqrt(x.var(-1, keepdims=True) + 1e-6) * scale + offset


def bag(table, ids, weight, mode):
    total = np.maximum(weight.sum(1), 1)
    divisor = {"sum": np.ones_like(total), "mean": total, "sqrtn": np.sqrt(total)}[mode]
    return np.einsum("bl,bld->bd", weight, table[ids]) / divisor[:, None]


def weighted(losses, weight=None):
    weight = np.ones_like(losses) if weight is None else weight
    return (losses * weight).sum() / weight.sum() if weight.sum() > 0 else np.array(0.0)


def class_cross_entropy(logit, classes, weight=None):
    known = (classes >= 0) * (1 if weight is None else weight)
    rows = -np.log(softmax(logit)[np.arange(len(classes)), np.maximum(classes, 0)])
    return weighted(rows, known)


def soft_cross_entropy(logit, label, weight=None):
    return weighted(-(softmax(3 * label) * np.log(softmax(logit))).sum(-1), weight)


def sigmoid_cross_entropy(logit, label, weight=None):
    p = 1 / (1 + np.exp(-logit))
    return weighted(-label * np.log(p) - (1 - label) * np.log(1 - p), weight)


def attention(query, key, value, mask=None, *, heads, causal=False):
    """Query by query over the keys that it sees, without any large negative number."""
    out = np.zeros_like(query)
    width = query.shape[2] // heads
    for b, t, h in np.ndindex(query.shape[0], query.shape[1], heads):
        seen = [
            s
            for s in range(key.shape[1])
            if (mask is None or mask[b, s] == 1) and (not causal or s <= t)
        ]
        if not seen:
            continue
        part = slice(h * width, (h + 1) * width)
        p = softmax(key[b, seen, part] @ query[b, t, part] / math.sqrt(width))
        out[b, t, part] = p @ value[b, seen, part]
    return out


def resize(image, size):
    for axis, length in ((1, size[0]), (2, size[1])):
        old = image.shape[axis]
        at = (np.arange(length) + 0.5) * old / length - 0.5
        low = np.floor(at).astype(int)
        share = (at - low).reshape([-1 if a == axis else 1 for a in range(4)])
        lower = image.take(np.clip(low, 0, old - 1), axis)
        upper = image.take(np.clip(low + 1, 0, old - 1), axis)
        image = lower * (1 - share) + upper * share
    return image


def gelu_tanh(x):
    return 0.5 * x * (1 + np.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x**3)))


SELU_SCALE, SELU_ALPHA = 1.0507009873554805, 1.6732632423543772

OPS = {
    "batchNorm": lambda x, s, o: batch_norm(x, s, o, 1e-3),
    "batchMean": lambda x: x.mean(tuple(range(x.ndim - 1))),
    "batchVariance": lambda x: x.var(tuple(range(x.ndim - 1))),
    "batchNormInference": lambda x, s, o, m, v: (x - m) / np.sqrt(v + 1e-2) * s + o,
    "layerNorm": layer_norm,
    "biasAdd": lambda x, b: x + b,
    "dense": lambda x, w, b: x @ w + b,
    "geluErf": lambda x: x * (1 + np.vectorize(math.erf, otypes=[float])(x * math.sqrt(2))),
    "geluTanh": lambda x: gelu_tanh(2 * x),
    "embeddingLookup": lambda table, ids: table[ids],
    "embeddingBag": lambda table, ids, weight, *, mode: bag(table, ids, weight, mode),
    "softmaxCrossEntropy": class_cross_entropy,
    "softLabelCrossEntropy": soft_cross_entropy,
    "sigmoidCrossEntropy": sigmoid_cross_entropy,
    "maskedMean": lambda x, mask: (x * mask[..., None]).sum(1) / np.maximum(mask.sum(1), 1)[:, None],
    "attention": attention,
    "normalizeImages": lambda x, *, mean, deviation: (x / 255 - np.array(mean)) / np.array(deviation),
    "resizeImages": lambda x, *, size: resize(x, size),
    "flipImages": lambda x, flip: np.where(flip[:, None, None, None] == 1, x[:, :, ::-1], x),
    "relu": lambda x: np.maximum(x, 0),
    "relu6": lambda x: np.clip(8 * x, 0, 6),
    "leakyRelu": lambda x: np.where(x > 0, x, 0.3 * x),
    "selu": lambda x: SELU_SCALE * np.where(x > 0, x, SELU_ALPHA * (np.exp(x) - 1)),
    "softplus": lambda x: np.log(1 + np.exp(x)),
    "sigmoid": lambda x: 1 / (1 + np.exp(-x)),
    "tanh": np.tanh,
    "abs": np.abs,
    "sqrt": np.sqrt,
    "rsqrt": lambda x: x**-0.5,
    "add": lambda a, b: a + b,
    "multiply": lambda a, b: a * b,
    "maximum": np.maximum,
    "minimum": np.minimum,
    "squaredDifference": lambda a, b: (a - b) ** 2,
    "sums": lambda x: x.sum(0) + x.mean((0, 1)) + x.mean(),
    "comparisons": lambda x: np.where((x > 0) & (x <= 0.8) | (x < -0.5), x * x, 3 * x) * (1 + (np.trunc(3 * x) >= 1)),
}


def run(case: dict) -> dict:
    inputs = {
        name: make_input(spec["kind"], spec["shape"], spec.get("limit", 0), position)
        for position, (name, spec) in enumerate(case["inputs"].items())
    }

    def value() -> np.ndarray:
        return OPS[case["op"]](*inputs.values(), **case["options"])

    def slope(values: np.ndarray, index: tuple) -> float:
        kept = values[index]
        losses = []
        for delta in (DELTA, -DELTA):
            values[index] = kept + delta
            losses.append(np.sin(2 * value()).sum())
        values[index] = kept
        return (losses[0] - losses[1]) / (2 * DELTA)

    return {
        "value": np.ravel(value()).tolist(),
        "gradients": {
            name: [slope(inputs[name], index) for index in np.ndindex(inputs[name].shape)] for name in case["wrt"]
        },
    }


json.dump([run(case) for case in json.load(sys.stdin)], sys.stdout)
