"""Side of bench/compiled: Keras on TensorFlow.

Modes: `train_on_batch`, and `function`, which is a bare `tf.function` with a GradientTape and the same optimizer.
"""

import os

from measure import measure, read_options

options = read_options(["train_on_batch", "function", "jit"])
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")
os.environ["KERAS_BACKEND"] = "tensorflow"

import keras
import numpy
import tensorflow as tf
from formula import initial_value
from keras import layers, ops

tf.config.threading.set_intra_op_parallelism_threads(options.threads)
tf.config.threading.set_inter_op_parallelism_threads(options.threads)
keras.utils.set_random_seed(1)


def assign(variable: keras.Variable, name: str, shape: tuple[int, ...] | None = None) -> None:
    """Gives the value that belongs to `name`; `shape` is that of the other sides, which lack Keras's axis of heads."""
    variable.assign(initial_value(name, shape or tuple(variable.shape)).reshape(variable.shape))


def dense(name: str, units: int, value, activation=None):
    layer = layers.Dense(units, activation)
    output = layer(value)
    assign(layer.kernel, f"{name}/weight")
    assign(layer.bias, f"{name}/bias")
    return output


def embedding(name: str, num_rows: int, dim: int, ids_BL):
    layer = layers.Embedding(num_rows, dim)
    output = layer(ids_BL)
    assign(layer.embeddings, name)
    return output


def layer_norm(name: str, epsilon: float, value):
    layer = layers.LayerNormalization(epsilon=epsilon)
    output = layer(value)
    assign(layer.gamma, f"{name}/scale")
    assign(layer.beta, f"{name}/offset")
    return output


class MaskedMean(layers.Layer):
    def call(self, token_BLD, mask_BL):
        mask_BL1 = ops.expand_dims(mask_BL, 2)
        return ops.sum(token_BLD * mask_BL1, 1) / ops.maximum(ops.sum(mask_BL1, 1), 1.0)


class Mask(layers.Layer):
    def call(self, ids_BL):
        return ops.cast(ops.not_equal(ids_BL, 0), "float32")


class FirstRows(layers.Layer):
    """Adds the first rows of a learned table to the tokens, or its first row to each.

    For token types, which are all 0, this is in place of an embedding: of a row that ids repeat, Keras's optimizer sums the
    squares of the gradients, where Adam has the square of their sum.
    """

    def __init__(self, name: str, num_rows: int, num_used: int):
        super().__init__()
        self.table_name, self.num_rows, self.num_used = name, num_rows, num_used

    def build(self, shape):
        self.table = self.add_weight(name="table", shape=(self.num_rows, shape[-1]))
        assign(self.table, self.table_name)

    def call(self, token_BLD):
        return token_BLD + self.table[: self.num_used]


def attention(name: str, token_BLD, mask_BL, sizes: dict, dropout: float):
    D = sizes["dim"]
    layer = layers.MultiHeadAttention(sizes["heads"], D // sizes["heads"], dropout=dropout)
    output = layer(token_BLD, token_BLD, attention_mask=ops.expand_dims(ops.cast(mask_BL, "bool"), 1))
    for part in ("query", "key", "value", "output"):
        inner = getattr(layer, f"{part}_dense")
        assign(inner.kernel, f"{name}/{part}/weight", (D, D))
        assign(inner.bias, f"{name}/{part}/bias", (D,))
    return output


def pre_norm_layer(name: str, token_BLD, mask_BL, sizes: dict):
    hidden = attention(name, layer_norm(f"{name}/norm1", 1e-6, token_BLD), mask_BL, sizes, 0.0)
    token_BLD = token_BLD + layers.Dropout(sizes["dropout"])(hidden)
    hidden = dense(f"{name}/dense1", sizes["feedForward"], layer_norm(f"{name}/norm2", 1e-6, token_BLD), "relu")
    return token_BLD + layers.Dropout(sizes["dropout"])(dense(f"{name}/dense2", sizes["dim"], hidden))


def erf_gelu(value):
    return keras.activations.gelu(value, approximate=False)


def bert_layer(name: str, token_BLD, mask_BL, sizes: dict):
    hidden = attention(name, token_BLD, mask_BL, sizes, sizes["dropout"])
    token_BLD = layer_norm(f"{name}/norm1", 1e-12, token_BLD + layers.Dropout(sizes["dropout"])(hidden))
    hidden = dense(f"{name}/dense1", sizes["feedForward"], token_BLD, erf_gelu)
    hidden = layers.Dropout(sizes["dropout"])(dense(f"{name}/dense2", sizes["dim"], hidden))
    return layer_norm(f"{name}/norm2", 1e-12, token_BLD + hidden)


def conv_block(name: str, channels: int, image_BHWC):
    conv = layers.Conv2D(channels, 3, padding="same", use_bias=False)
    norm = layers.BatchNormalization(momentum=0.99, epsilon=1e-3)
    normal_BHWC = norm(conv(image_BHWC))
    assign(conv.kernel, f"{name}/kernel")
    assign(norm.gamma, f"{name}/norm/scale")
    assign(norm.beta, f"{name}/norm/offset")
    return layers.MaxPooling2D(2)(layers.ReLU()(normal_BHWC))


def multimodal(sizes: dict) -> keras.Model:
    ids_BL = layers.Input((sizes["length"],), dtype="int32")
    image_BHWC = map_BHWC = layers.Input((sizes["imageSize"], sizes["imageSize"], 3))
    mask_BL = Mask()(ids_BL)
    token_BLD = embedding("text/table", sizes["vocabulary"], sizes["dim"], ids_BL)
    if sizes["layers"] > 0:
        token_BLD = FirstRows("text/position", sizes["length"], sizes["length"])(token_BLD)
    for i in range(sizes["layers"]):
        token_BLD = pre_norm_layer(f"text/layer{i}", token_BLD, mask_BL, sizes)
    for i, channels in enumerate(sizes["channels"]):
        map_BHWC = conv_block(f"image/conv{i}", channels, map_BHWC)
    parts = [MaskedMean()(token_BLD, mask_BL), layers.GlobalAveragePooling2D()(map_BHWC)]
    hidden = dense("hidden", sizes["hidden"], layers.Concatenate()(parts), "relu")
    hidden = layers.Dropout(sizes["dropout"])(hidden)
    return keras.Model([ids_BL, image_BHWC], dense("head", sizes["labels"], hidden))


def minilm(sizes: dict) -> keras.Model:
    ids_BL = layers.Input((sizes["length"],), dtype="int32")
    mask_BL = Mask()(ids_BL)
    token_BLD = embedding("text/table", sizes["vocabulary"], sizes["dim"], ids_BL)
    token_BLD = FirstRows("text/type", sizes["tokenTypes"], 1)(token_BLD)
    token_BLD = FirstRows("text/position", sizes["positions"], sizes["length"])(token_BLD)
    token_BLD = layers.Dropout(sizes["dropout"])(layer_norm("text/norm", 1e-12, token_BLD))
    for i in range(sizes["layers"]):
        token_BLD = bert_layer(f"text/layer{i}", token_BLD, mask_BL, sizes)
    return keras.Model(ids_BL, dense("head", sizes["labels"], MaskedMean()(token_BLD, mask_BL)))


def mlp(sizes: dict) -> keras.Model:
    vector_BF = hidden = layers.Input((sizes["features"],))
    for i, units in enumerate(sizes["hidden"]):
        hidden = dense(f"dense{i}", units, hidden, "relu")
    return keras.Model(vector_BF, dense("head", sizes["labels"], hidden))


def loss_of(label_BK, logit_BK):
    return tf.reduce_mean(tf.nn.sigmoid_cross_entropy_with_logits(label_BK, logit_BK))


def optimizer_for(model: keras.Model) -> keras.optimizers.Optimizer:
    optimizer = keras.optimizers.AdamW(1e-3, weight_decay=0.01, beta_1=0.9, beta_2=0.999, epsilon=1e-7)
    # By name, since the biases of attention have two axes.
    kept = [variable for variable in model.trainable_variables if variable.name in ("bias", "gamma", "beta")]
    optimizer.exclude_from_weight_decay(var_list=kept)
    return optimizer


model = {"mean": multimodal, "xf": multimodal, "minilm": minilm, "mlp": mlp}[options.model](options.sizes)
optimizer = optimizer_for(model)

if options.mode != "function":
    model.compile(optimizer=optimizer, loss=loss_of, jit_compile=options.mode == "jit")

    def step(batch) -> float:
        return float(model.train_on_batch(*batch))

else:
    optimizer.build(model.trainable_variables)

    @tf.function(jit_compile=False)
    def train_step(inputs, label_BK):
        with tf.GradientTape() as tape:
            loss = loss_of(label_BK, model(inputs, training=True))
        optimizer.apply_gradients(zip(tape.gradient(loss, model.trainable_variables), model.trainable_variables))
        return loss

    def step(batch) -> float:
        return float(train_step(*batch))


def prepare(batch: dict):
    inputs = [array for name, array in batch.items() if name != "label"]
    return inputs if len(inputs) > 1 else inputs[0], batch["label"]


side = {
    "side": {"train_on_batch": "keras", "function": "keras-function", "jit": "keras-jit"}[options.mode],
    "device": "gpu" if tf.config.list_physical_devices("GPU") else "cpu",
    "parameters": sum(int(numpy.prod(variable.shape)) for variable in model.trainable_variables),
    "versions": {"tensorflow": tf.__version__, "keras": keras.__version__},
}
measure(options, side, step, prepare)
