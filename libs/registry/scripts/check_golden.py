"""Loads a published model with MLflow's tensorflow flavour and compares its logits with the bundle's golden ones.

Usage: check_golden.py MODEL_URI [TRACKING_URI]
Prints one JSON line {"records": N, "max_error": x} and exits 1 when max_error > 1e-5 of max(1, |logit|).
"""

import json
import os
import struct
import sys

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import mlflow
import numpy as np
import tensorflow as tf

DTYPES = {"F32": np.float32, "I32": np.int32, "I64": np.int64, "U8": np.uint8}
TOLERANCE = 1e-5


def read_safetensors(path):
    """Arrays by name; the format is an 8-byte little-endian header length, a JSON header and the raw bytes."""
    with open(path, "rb") as file:
        (length,) = struct.unpack("<Q", file.read(8))
        header = json.loads(file.read(length))
        body = file.read()
    header.pop("__metadata__", None)
    return {
        name: np.frombuffer(body[slice(*info["data_offsets"])], DTYPES[info["dtype"]]).reshape(info["shape"])
        for name, info in header.items()
    }


def main(model_uri, tracking_uri=None):
    if tracking_uri:
        mlflow.set_tracking_uri(tracking_uri)
    folder = mlflow.artifacts.download_artifacts(model_uri)
    module = mlflow.tensorflow.load_model(model_uri)
    signature = module.signatures["serving_default"]
    inputs = read_safetensors(os.path.join(folder, "golden", "inputs.safetensors"))
    expected = read_safetensors(os.path.join(folder, "golden", "logits.safetensors"))["logit_BK"]
    specs = signature.structured_input_signature[1]
    feeds = {name: tf.constant(inputs[name], dtype=spec.dtype) for name, spec in specs.items()}
    actual = signature(**feeds)["logit_BK"].numpy()
    error = np.abs(actual - expected) / np.maximum(1, np.abs(expected))
    print(json.dumps({"records": int(expected.shape[0]), "max_error": float(error.max())}))
    return 0 if actual.shape == expected.shape and error.max() <= TOLERANCE else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
