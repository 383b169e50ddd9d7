"""Runs serving_default of SavedModels and prints their outputs as JSON.

usage: run-saved-model.py < runs.json
The runs are [{dir, loader, feeds}]: `tensorflow` loads <dir>/saved_model, `mlflow` loads <dir> by its MLmodel file;
feeds are {name: {dtype, shape, data}}. Prints [{inputs, outputs}] in order.
"""

import json
import os
import sys

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy
import tensorflow


def load(model_dir, loader):
    if loader == "tensorflow":
        return tensorflow.saved_model.load(f"{model_dir}/saved_model")
    import mlflow.tensorflow

    return mlflow.tensorflow.load_model(model_dir)


def run(spec):
    model = load(spec["dir"], spec["loader"])
    serve = model.signatures["serving_default"]
    feeds = {
        name: tensorflow.constant(numpy.array(feed["data"], feed["dtype"]).reshape(feed["shape"]))
        for name, feed in spec["feeds"].items()
    }
    signature = serve.structured_input_signature[1]
    outputs = serve(**feeds)
    return {
        "inputs": {name: [tensor.dtype.name, tensor.shape.as_list()] for name, tensor in signature.items()},
        "outputs": {
            name: {"shape": list(value.shape), "data": value.numpy().ravel().tolist()} for name, value in outputs.items()
        },
    }


json.dump([run(spec) for spec in json.load(sys.stdin)], sys.stdout)
