"""Side of bench/compiled: PyTorch. Modes: `eager`, and `compile`, where torch.compile has the model and the loss."""

import math
import os
import sys

from measure import measure, read_options

options = read_options(["eager", "compile"])
os.environ.setdefault("OMP_WAIT_POLICY", "passive")
os.environ.setdefault("OMP_NUM_THREADS", str(options.threads))

import numpy
import torch
import torch.nn.functional as F
from formula import initial_value
from torch import nn

torch.set_num_threads(options.threads)
torch.set_num_interop_threads(options.threads)
torch.manual_seed(1)
device = "cuda" if torch.cuda.is_available() else "cpu"
torch.set_float32_matmul_precision("high")  # TensorFlow multiplies matrices in TF32 on a GPU, and torch must be told to


def parameter(name: str, *shape: int) -> nn.Parameter:
    return nn.Parameter(torch.from_numpy(initial_value(name, shape)))


def linear(names: list[str], fan_in: int, fan_out: int) -> nn.Linear:
    """One layer that gives the outputs of several, side by side."""
    layer = nn.Linear(fan_in, fan_out * len(names), device="meta")
    weight_OI = numpy.concatenate([initial_value(f"{name}/weight", (fan_in, fan_out)).T for name in names])
    bias_O = numpy.concatenate([initial_value(f"{name}/bias", (fan_out,)) for name in names])
    layer.weight = nn.Parameter(torch.from_numpy(numpy.ascontiguousarray(weight_OI)))
    layer.bias = nn.Parameter(torch.from_numpy(bias_O))
    return layer


def normal(layer: nn.Module, name: str, size: int) -> nn.Module:
    """A layer or batch norm with the scale and offset that belong to `name`."""
    layer.weight, layer.bias = parameter(f"{name}/scale", size), parameter(f"{name}/offset", size)
    return layer


def layer_norm(name: str, dim: int, epsilon: float) -> nn.Module:
    return normal(nn.LayerNorm(dim, epsilon), name, dim)


def embedding(name: str, num_rows: int, dim: int) -> nn.Embedding:
    layer = nn.Embedding(num_rows, dim, device="meta")
    layer.weight = parameter(name, num_rows, dim)
    return layer


def conv(name: str, fan_in: int, fan_out: int) -> nn.Conv2d:
    layer = nn.Conv2d(fan_in, fan_out, 3, padding=1, bias=False, device="meta")
    kernel_HWIO = initial_value(f"{name}/kernel", (3, 3, fan_in, fan_out))
    layer.weight = nn.Parameter(torch.from_numpy(numpy.ascontiguousarray(kernel_HWIO.transpose(3, 2, 0, 1))))
    return layer


def masked_mean(token_BLD: torch.Tensor, mask_BL: torch.Tensor) -> torch.Tensor:
    mask_BL1 = mask_BL.float()[:, :, None]
    return (token_BLD * mask_BL1).sum(1) / mask_BL1.sum(1).clamp(min=1)


class Attention(nn.Module):
    """Query, key and value are one matrix product, as in nn.MultiheadAttention."""

    def __init__(self, name: str, sizes: dict, dropout: float):
        super().__init__()
        self.heads, self.dropout, dim = sizes["heads"], dropout, sizes["dim"]
        self.joint = linear([f"{name}/{part}" for part in ("query", "key", "value")], dim, dim)
        self.output = linear([f"{name}/output"], dim, dim)

    def forward(self, token_BLD: torch.Tensor, mask_BL: torch.Tensor) -> torch.Tensor:
        B, L, D = token_BLD.shape
        query, key, value = self.joint(token_BLD).view(B, L, 3, self.heads, D // self.heads).permute(2, 0, 3, 1, 4)
        mask, dropout = mask_BL[:, None, None, :], self.dropout if self.training else 0.0
        mixed = F.scaled_dot_product_attention(query, key, value, attn_mask=mask, dropout_p=dropout)
        return self.output(mixed.transpose(1, 2).reshape(B, L, D))


class Layer(nn.Module):
    def __init__(self, name: str, sizes: dict, epsilon: float, attention_dropout: float):
        super().__init__()
        dim, self.dropout = sizes["dim"], sizes["dropout"]
        self.norm1, self.norm2 = layer_norm(f"{name}/norm1", dim, epsilon), layer_norm(f"{name}/norm2", dim, epsilon)
        self.attention = Attention(name, sizes, attention_dropout)
        self.dense1 = linear([f"{name}/dense1"], dim, sizes["feedForward"])
        self.dense2 = linear([f"{name}/dense2"], sizes["feedForward"], dim)

    def drop(self, hidden: torch.Tensor) -> torch.Tensor:
        return F.dropout(hidden, self.dropout, self.training)


class PreNormLayer(Layer):
    def forward(self, token_BLD: torch.Tensor, mask_BL: torch.Tensor) -> torch.Tensor:
        token_BLD = token_BLD + self.drop(self.attention(self.norm1(token_BLD), mask_BL))
        return token_BLD + self.drop(self.dense2(F.relu(self.dense1(self.norm2(token_BLD)))))


class BertLayer(Layer):
    def forward(self, token_BLD: torch.Tensor, mask_BL: torch.Tensor) -> torch.Tensor:
        token_BLD = self.norm1(token_BLD + self.drop(self.attention(token_BLD, mask_BL)))
        return self.norm2(token_BLD + self.drop(self.dense2(F.gelu(self.dense1(token_BLD)))))


class ConvBlock(nn.Module):
    def __init__(self, name: str, fan_in: int, fan_out: int):
        super().__init__()
        self.conv, self.norm = conv(name, fan_in, fan_out), normal(nn.BatchNorm2d(fan_out, 1e-3, 0.01), f"{name}/norm", fan_out)

    def forward(self, image_BCHW: torch.Tensor) -> torch.Tensor:
        return F.max_pool2d(F.relu(self.norm(self.conv(image_BCHW))), 2)


class Multimodal(nn.Module):
    def __init__(self, sizes: dict):
        super().__init__()
        self.dropout = sizes["dropout"]
        self.table = embedding("text/table", sizes["vocabulary"], sizes["dim"])
        self.layers = nn.ModuleList(PreNormLayer(f"text/layer{i}", sizes, 1e-6, 0.0) for i in range(sizes["layers"]))
        if sizes["layers"] > 0:
            self.position = parameter("text/position", sizes["length"], sizes["dim"])
        channels = [3, *sizes["channels"]]
        self.image = nn.Sequential(*(ConvBlock(f"image/conv{i}", *channels[i : i + 2]) for i in range(len(channels) - 1)))
        self.hidden = linear(["hidden"], sizes["dim"] + channels[-1], sizes["hidden"])
        self.head = linear(["head"], sizes["hidden"], sizes["labels"])

    def forward(self, ids_BL: torch.Tensor, image_BCHW: torch.Tensor) -> torch.Tensor:
        mask_BL = ids_BL != 0
        token_BLD = self.table(ids_BL)
        if len(self.layers) > 0:
            token_BLD = token_BLD + self.position
        for layer in self.layers:
            token_BLD = layer(token_BLD, mask_BL)
        joined = torch.cat([masked_mean(token_BLD, mask_BL), self.image(image_BCHW).mean((2, 3))], 1)
        return self.head(F.dropout(F.relu(self.hidden(joined)), self.dropout, self.training))


class MiniLm(nn.Module):
    def __init__(self, sizes: dict):
        super().__init__()
        self.dropout, dim = sizes["dropout"], sizes["dim"]
        self.table = embedding("text/table", sizes["vocabulary"], dim)
        self.token_type = embedding("text/type", sizes["tokenTypes"], dim)
        self.position = parameter("text/position", sizes["positions"], dim)
        self.norm = layer_norm("text/norm", dim, 1e-12)
        self.layers = nn.ModuleList(BertLayer(f"text/layer{i}", sizes, 1e-12, self.dropout) for i in range(sizes["layers"]))
        self.head = linear(["head"], dim, sizes["labels"])

    def forward(self, ids_BL: torch.Tensor) -> torch.Tensor:
        mask_BL = ids_BL != 0
        token_BLD = self.table(ids_BL) + self.token_type.weight[0]  # all tokens are of type 0
        token_BLD = token_BLD + self.position[: ids_BL.shape[1]]
        token_BLD = F.dropout(self.norm(token_BLD), self.dropout, self.training)
        for layer in self.layers:
            token_BLD = layer(token_BLD, mask_BL)
        return self.head(masked_mean(token_BLD, mask_BL))


def mlp(sizes: dict) -> nn.Module:
    dims = [sizes["features"], *sizes["hidden"]]
    pairs = [(linear([f"dense{i}"], *dims[i : i + 2]), nn.ReLU()) for i in range(len(dims) - 1)]
    return nn.Sequential(*(module for pair in pairs for module in pair), linear(["head"], dims[-1], sizes["labels"]))


model = {"mean": Multimodal, "xf": Multimodal, "minilm": MiniLm, "mlp": mlp}[options.model](options.sizes)
model = model.to(device=device, memory_format=torch.channels_last).train()
groups = [
    {"params": [p for p in model.parameters() if p.dim() >= 2], "weight_decay": 0.01},
    {"params": [p for p in model.parameters() if p.dim() < 2], "weight_decay": 0.0},
]
optimizer = torch.optim.AdamW(groups, 1e-3, betas=(0.9, 0.999), fused=True)
steps_done = 0


def set_epsilon(steps: int) -> None:
    """The epsilon that gives the updates of TensorFlow's 1e-7, which joins before the bias correction, not after it."""
    for group in optimizer.param_groups:
        group["eps"] = 1e-7 / math.sqrt(1 - 0.999**steps)


def loss_of(inputs: list[torch.Tensor], label_BK: torch.Tensor) -> torch.Tensor:
    return F.binary_cross_entropy_with_logits(model(*inputs), label_BK)


if options.mode == "compile":
    loss_of = torch.compile(loss_of)


def step(batch) -> float:
    global steps_done
    steps_done += 1
    set_epsilon(steps_done)
    inputs, label_BK = batch
    optimizer.zero_grad(set_to_none=True)
    loss = loss_of([tensor.to(device) for tensor in inputs], label_BK.to(device))
    loss.backward()
    optimizer.step()
    return loss.item()


def prepare(batch: dict):
    tensors = {name: torch.from_numpy(array) for name, array in batch.items()}
    if "image" in tensors:
        tensors["image"] = tensors["image"].permute(0, 3, 1, 2)  # the bytes stay channels-last
    label = tensors.pop("label")
    return list(tensors.values()), label


side = {
    "side": {"eager": "torch", "compile": "torch-compile"}[options.mode],
    "device": "gpu" if device == "cuda" else "cpu",
    "parameters": sum(p.numel() for p in model.parameters() if p.requires_grad),
    "versions": {"torch": torch.__version__},
}
try:
    measure(options, side, step, prepare)
except torch._dynamo.exc.TorchDynamoException as error:
    sys.exit(f"torch.compile failed: {str(error).strip().splitlines()[0]}")
