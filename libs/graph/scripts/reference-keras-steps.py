"""Trains small models in Keras and prints what becomes of them. Weights and batches come from formulas, so that another
program can train the same models from this text alone.

usage: reference-keras-steps.py < cases.json > results.json

The input is a list of cases; the output is a list of results, in the same order. A case, with what is taken for absent keys:

    {"model": "mean" | "xf" | "mlp", "sizes": {…}, "batch": B, "steps": N, "batches": 4,
     "activation": "relu" | "tanh" | "gelu" | "gelu_tanh" = "relu", "norm": "pre" | "post" = "pre", "layerNormEpsilon": 1e-6,
     "optimizer": {"type": "adamw" | "sgd" = "adamw", "lr": 1e-3, "weightDecay": 0, "clipNorm": none,
                   "beta1": 0.9, "beta2": 0.999, "epsilon": 1e-7,  "momentum": 0, "nesterov": false}}

Numbers by formula
    start(name) is the 32-bit FNV-1a hash of the name: h = 0x811c9dc5, then for each byte h = ((h xor byte) · 0x01000193) mod 2³².
    u(n), uniform in [0, 1), all in unsigned 32-bit arithmetic: x = n · 0x9e3779b1; x = (x xor x >> 15) · 0x85ebca77;
    x = (x xor x >> 13) · 0xc2b2ae3d; u = ((x xor x >> 16) >> 8) / 2²⁴.
    Element i (row-major) of the array `name` has u(start(name) + i), for short u below. It is computed in float64, then rounded.

Initial weights, by the end of the name
    …/weight, …/kernel   l · (2u − 1) with l = √(6 / (w · (in + out))): in and out are the last two axes, w the product of the others
    …/scale              1 + 0.05 · (2u − 1)
    …/mean, …/variance   0 and 1; these are the moving statistics and are not trained
    all others           0.05 · (2u − 1): tables and biases

Batch k; step i (from 0) takes batch i mod `batches`. Float32 but for the ids, which are int32.
    batch{k}/ids    [B, length]  1 + ⌊u · (vocabulary − 1)⌋ for the first 1 + (7b + 5) mod length tokens of row b, then 0, the padding
    batch{k}/image  [B, imageSize, imageSize, 3]  u
    batch{k}/vector [B, features]  u
    batch{k}/label  [B, labels]  1 where u < 0.2, else 0

Models; a dense layer `name` is x · name/weight [in, out] + name/bias [out], and f is the activation
    mlp   sizes: features, hidden (a list), labels. h = vector; for each i: h = f(dense{i}(h)); logits = head(h).
    mean  sizes: vocabulary, length, dim, imageSize, channels (a list), hidden, labels.
          text  = mean over the tokens whose id is not 0 of the rows text/table [vocabulary, dim]
          image = for each i: 3×3 convolution, stride 1, zero padding to the same size, no bias, kernel image/conv{i}/kernel
                  [3, 3, in, out]; batch norm over B, H, W with image/conv{i}/norm/scale and /offset, epsilon 1e-3; ReLU;
                  2×2 max pool, stride 2, an odd last row or column dropped. Then the mean over H and W.
          logits = head(f(hidden([text, image]))), where [ , ] joins features.
    xf    sizes: those of mean, and layers, heads, feedForward. Before the mean, text/position [length, dim] is added to the
          tokens, then for each i, with n = text/layer{i}:
          pre    t = t + attention(norm1(t));  t = t + dense2(f(dense1(norm2(t))))
          post   t = norm1(t + attention(t));  t = norm2(t + dense2(f(dense1(t))))
          n/norm1 and n/norm2: layer norm over dim, (x − mean) / √(variance + layerNormEpsilon) · scale + offset, variance over dim.
          n/dense1 [dim, feedForward], n/dense2 [feedForward, dim]. attention: q, k, v = n/query, n/key, n/value, dense [dim, dim]
          each; head a has the features a·dim/heads … (a + 1)·dim/heads − 1; softmax(q·kᵀ / √(dim/heads)) over the keys whose id is
          not 0, times v; heads joined; n/output, dense [dim, dim].
    gelu is x·Φ(x) by erf; gelu_tanh is 0.5·x·(1 + tanh(√(2/π)·(x + 0.044715·x³))). No dropout anywhere.

Loss: mean over B and labels of the sigmoid cross-entropy of logits.

Batch norm, in training, uses the batch's mean and its variance with divisor B·H·W; moving = 0.99 · moving + 0.01 · batch's, with
the same divisor (FusedBatchNormV3 of TensorFlow would give a moving variance with divisor B·H·W − 1).

Update t, from 1, of each trained weight w with gradient g. Gradients of tables are dense: rows of repeated ids are summed first.
    clipNorm c     all gradients · c / max(c, n), where n is the norm of all of them together
    decay          w = w − lr · weightDecay · w, for weights of rank ≥ 2 (as shaped here) alone
    adamw          m = β₁·m + (1−β₁)·g; v = β₂·v + (1−β₂)·g²; w = w − lr · √(1−β₂ᵗ)/(1−β₁ᵗ) · m / (√v + ε)
    sgd            d = momentum·d − lr·g; w = w + d, or with nesterov w + momentum·d − lr·g

A result: {"losses": [before each step], "logits": [[…]] of batch 0 after the last step, in inference (moving statistics),
"initial" and "weights": {name: {"sum", "sumOfSquares"}} before and after, the moving statistics included, "moving": {name: […]}
after the last step, "versions"}. A key bias has no gradient but rounding errors, and is to be compared by its absolute difference.

oneDNN is off unless TF_ENABLE_ONEDNN_OPTS says otherwise.
"""

import json
import math
import os
import sys

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")
os.environ["KERAS_BACKEND"] = "tensorflow"

import keras
import numpy
import tensorflow as tf
from keras import layers, ops

ACTIVATIONS = {
    "relu": ops.relu,
    "tanh": ops.tanh,
    "gelu": lambda x: ops.gelu(x, approximate=False),
    "gelu_tanh": lambda x: ops.gelu(x, approximate=True),
}
NORM_PARTS = {"gamma": "scale", "beta": "offset", "moving_mean": "mean", "moving_variance": "variance"}


def numbers(name: str, shape: tuple[int, ...]) -> numpy.ndarray:
    """u(start(name) + i) for each element."""
    start = 0x811C9DC5
    for byte in name.encode():
        start = ((start ^ byte) * 0x01000193) & 0xFFFFFFFF
    x = numpy.arange(start, start + math.prod(shape), dtype=numpy.uint64).astype(numpy.uint32) * numpy.uint32(0x9E3779B1)
    x = (x ^ (x >> numpy.uint32(15))) * numpy.uint32(0x85EBCA77)
    x = (x ^ (x >> numpy.uint32(13))) * numpy.uint32(0xC2B2AE3D)
    return (((x ^ (x >> numpy.uint32(16))) >> numpy.uint32(8)) / 2**24).reshape(shape)


def initial_value(name: str, shape: tuple[int, ...]) -> numpy.ndarray:
    end = name.rsplit("/", 1)[-1]
    if end in ("mean", "variance"):
        return numpy.full(shape, float(end == "variance"), numpy.float32)
    limit = 0.05
    if end in ("weight", "kernel"):
        limit = math.sqrt(6 / (math.prod(shape[:-2]) * (shape[-2] + shape[-1])))
    return (float(end == "scale") + limit * (2 * numbers(name, shape) - 1)).astype(numpy.float32)


def make_batch(sizes: dict, B: int, k: int) -> dict[str, tf.Tensor]:
    def uniform(name: str, *shape: int) -> numpy.ndarray:
        return numbers(f"batch{k}/{name}", (B, *shape))

    arrays = {"label": (uniform("label", sizes["labels"]) < 0.2).astype(numpy.float32)}
    if "features" in sizes:
        arrays["vector"] = uniform("vector", sizes["features"]).astype(numpy.float32)
    else:
        L = sizes["length"]
        kept_B1 = 1 + (7 * numpy.arange(B)[:, None] + 5) % L
        ids_BL = 1 + numpy.floor(uniform("ids", L) * (sizes["vocabulary"] - 1))
        arrays["ids"] = numpy.where(numpy.arange(L) < kept_B1, ids_BL, 0).astype(numpy.int32)
        arrays["image"] = uniform("image", sizes["imageSize"], sizes["imageSize"], 3).astype(numpy.float32)
    return {name: tf.constant(array) for name, array in arrays.items()}


class Weights:
    """The variables of a model by name, and the shapes that they have in the description above."""

    def __init__(self) -> None:
        self.variables: dict[str, keras.Variable] = {}
        self.shapes: dict[str, tuple[int, ...]] = {}

    def take(self, name: str, variable: keras.Variable, shape: tuple[int, ...] | None = None) -> keras.Variable:
        """Gives a variable its initial value."""
        self.shapes[name] = tuple(shape or variable.shape)
        self.variables[name] = variable
        variable.assign(initial_value(name, self.shapes[name]).reshape(variable.shape))
        return variable

    def trained(self) -> list[tuple[str, keras.Variable]]:
        return [(name, variable) for name, variable in self.variables.items() if variable.trainable]

    def checksums(self) -> dict[str, dict[str, float]]:
        values = {name: variable.numpy().astype(numpy.float64) for name, variable in self.variables.items()}
        return {name: {"sum": float(x.sum()), "sumOfSquares": float((x * x).sum())} for name, x in values.items()}

    def moving(self) -> dict[str, list[float]]:
        return {name: v.numpy().tolist() for name, v in self.variables.items() if name.endswith(("/mean", "/variance"))}


class Part:
    """A Keras layer that is built, with its weights, when it is first called."""

    def __init__(self, layer: layers.Layer, weights: Weights, names: dict[str, str]):
        self.layer, self.weights, self.names = layer, weights, names

    def __call__(self, value, **arguments):
        if not self.layer.built:
            self.layer.build(value.shape)
            for attribute, name in self.names.items():
                self.weights.take(name, getattr(self.layer, attribute))
        return self.layer(value, **arguments)


class Attention:
    """Keras's own attention; its kernels have an axis for the heads."""

    def __init__(self, name: str, sizes: dict, weights: Weights):
        self.name, self.dim, self.weights = name, sizes["dim"], weights
        self.layer = layers.MultiHeadAttention(sizes["heads"], sizes["dim"] // sizes["heads"])

    def __call__(self, token_BLD, mask_BL):
        if not self.layer.built:
            self.layer.build(token_BLD.shape, token_BLD.shape)
            for part in ("query", "key", "value", "output"):
                dense = getattr(self.layer, f"{part}_dense")
                self.weights.take(f"{self.name}/{part}/weight", dense.kernel, (self.dim, self.dim))
                self.weights.take(f"{self.name}/{part}/bias", dense.bias, (self.dim,))
        return self.layer(token_BLD, token_BLD, attention_mask=ops.expand_dims(mask_BL > 0, 1))


class Model:
    """What the models share. A subclass has `call(batch, is_training)`, which gives the logits."""

    def __init__(self, case: dict):
        self.weights, self.sizes = Weights(), case["sizes"]
        self.activation = ACTIVATIONS[case.get("activation", "relu")]
        self.is_pre_norm = case.get("norm", "pre") == "pre"
        self.epsilon = case.get("layerNormEpsilon", 1e-6)

    def dense(self, name: str, units: int) -> Part:
        return Part(layers.Dense(units), self.weights, {"kernel": f"{name}/weight", "bias": f"{name}/bias"})

    def layer_norm(self, name: str) -> Part:
        names = {"gamma": f"{name}/scale", "beta": f"{name}/offset"}
        return Part(layers.LayerNormalization(epsilon=self.epsilon), self.weights, names)


class Mlp(Model):
    def __init__(self, case: dict):
        super().__init__(case)
        self.hidden = [self.dense(f"dense{i}", units) for i, units in enumerate(self.sizes["hidden"])]
        self.head = self.dense("head", self.sizes["labels"])

    def call(self, batch: dict, is_training: bool):
        value = batch["vector"]
        for dense in self.hidden:
            value = self.activation(dense(value))
        return self.head(value)


class Multimodal(Model):
    def __init__(self, case: dict):
        super().__init__(case)
        sizes = self.sizes
        table = layers.Embedding(sizes["vocabulary"], sizes["dim"])
        self.table = Part(table, self.weights, {"embeddings": "text/table"})
        self.position = None
        if case["model"] == "xf":
            zeros = numpy.zeros((sizes["length"], sizes["dim"]), numpy.float32)
            self.position = self.weights.take("text/position", keras.Variable(zeros))
        num_layers = sizes["layers"] if case["model"] == "xf" else 0
        self.layers = [self.make_layer(f"text/layer{i}") for i in range(num_layers)]
        self.blocks = [self.make_block(f"image/conv{i}", channels) for i, channels in enumerate(sizes["channels"])]
        self.hidden, self.head = self.dense("hidden", sizes["hidden"]), self.dense("head", sizes["labels"])

    def make_layer(self, name: str) -> dict:
        return {
            "norm1": self.layer_norm(f"{name}/norm1"),
            "attention": Attention(name, self.sizes, self.weights),
            "norm2": self.layer_norm(f"{name}/norm2"),
            "dense1": self.dense(f"{name}/dense1", self.sizes["feedForward"]),
            "dense2": self.dense(f"{name}/dense2", self.sizes["dim"]),
        }

    def make_block(self, name: str, channels: int) -> tuple[Part, Part]:
        conv = layers.Conv2D(channels, 3, padding="same", use_bias=False)
        norm = layers.BatchNormalization(momentum=0.99, epsilon=1e-3)
        names = {attribute: f"{name}/norm/{part}" for attribute, part in NORM_PARTS.items()}
        return Part(conv, self.weights, {"kernel": f"{name}/kernel"}), Part(norm, self.weights, names)

    def encode_text(self, ids_BL):
        mask_BL = ops.cast(ops.not_equal(ids_BL, 0), "float32")
        token_BLD = self.table(ids_BL)
        if self.position is not None:
            token_BLD = token_BLD + self.position
        for layer in self.layers:
            token_BLD = self.apply_layer(layer, token_BLD, mask_BL)
        mask_BL1 = ops.expand_dims(mask_BL, 2)
        return ops.sum(token_BLD * mask_BL1, 1) / ops.sum(mask_BL1, 1)

    def apply_layer(self, layer: dict, token_BLD, mask_BL):
        def feed_forward(value):
            return layer["dense2"](self.activation(layer["dense1"](value)))

        if self.is_pre_norm:
            token_BLD = token_BLD + layer["attention"](layer["norm1"](token_BLD), mask_BL)
            return token_BLD + feed_forward(layer["norm2"](token_BLD))
        token_BLD = layer["norm1"](token_BLD + layer["attention"](token_BLD, mask_BL))
        return layer["norm2"](token_BLD + feed_forward(token_BLD))

    def encode_image(self, image_BHWC, is_training: bool):
        for conv, norm in self.blocks:
            image_BHWC = ops.relu(norm(conv(image_BHWC), training=is_training))
            image_BHWC = ops.max_pool(image_BHWC, 2, 2, padding="valid")
        return ops.mean(image_BHWC, (1, 2))

    def call(self, batch: dict, is_training: bool):
        joined = ops.concatenate([self.encode_text(batch["ids"]), self.encode_image(batch["image"], is_training)], 1)
        return self.head(self.activation(self.hidden(joined)))


def make_optimizer(settings: dict, weights: Weights) -> keras.optimizers.Optimizer:
    shared = {
        "learning_rate": settings.get("lr", 1e-3),
        "weight_decay": settings.get("weightDecay", 0.0),
        "global_clipnorm": settings.get("clipNorm"),
    }
    if settings.get("type", "adamw") == "sgd":
        momentum, nesterov = settings.get("momentum", 0.0), settings.get("nesterov", False)
        optimizer = keras.optimizers.SGD(momentum=momentum, nesterov=nesterov, **shared)
    else:
        betas = {"beta_1": settings.get("beta1", 0.9), "beta_2": settings.get("beta2", 0.999)}
        optimizer = keras.optimizers.AdamW(epsilon=settings.get("epsilon", 1e-7), **betas, **shared)
    kept = [variable for name, variable in weights.trained() if len(weights.shapes[name]) < 2]
    optimizer.exclude_from_weight_decay(var_list=kept)
    optimizer.build([variable for _, variable in weights.trained()])
    return optimizer


def make_step(model: Model, optimizer: keras.optimizers.Optimizer):
    variables = [variable for _, variable in model.weights.trained()]

    @tf.function(jit_compile=False)
    def train_step(batch: dict):
        with tf.GradientTape() as tape:
            logit_BK = model.call(batch, is_training=True)
            loss = tf.reduce_mean(tf.nn.sigmoid_cross_entropy_with_logits(batch["label"], logit_BK))
        gradients = tape.gradient(loss, [variable.value for variable in variables])
        # Dense, because Keras would square the gradients of repeated ids before it sums them.
        optimizer.apply_gradients(zip(map(tf.convert_to_tensor, gradients), variables))
        return loss

    return train_step


def run(case: dict) -> dict:
    model = (Mlp if case["model"] == "mlp" else Multimodal)(case)
    batches = [make_batch(case["sizes"], case["batch"], k) for k in range(case.get("batches", 4))]
    model.call(batches[0], is_training=False)  # builds the layers
    initial = model.weights.checksums()
    train_step = make_step(model, make_optimizer(case.get("optimizer", {}), model.weights))
    losses = [float(train_step(batches[i % len(batches)])) for i in range(case["steps"])]
    return {
        "losses": losses,
        "logits": model.call(batches[0], is_training=False).numpy().tolist(),
        "initial": initial,
        "weights": model.weights.checksums(),
        "moving": model.weights.moving(),
        "versions": {"tensorflow": tf.__version__, "keras": keras.__version__},
    }


json.dump([run(case) for case in json.load(sys.stdin)], sys.stdout)
