"""Runs serving_default of <model dir>/saved_model and prints its outputs as JSON.

usage: run-saved-model.py MODEL_DIR {tensorflow|mlflow} < feeds.json
The feeds are {name: {dtype, shape, data}}; `mlflow` loads MODEL_DIR by its MLmodel file.
"""

import json
import os
import sys

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy
import tensorflow

model_dir, loader = sys.argv[1:]
if loader == "mlflow":
    import mlflow.tensorflow

    model = mlflow.tensorflow.load_model(model_dir)
else:
    model = tensorflow.saved_model.load(f"{model_dir}/saved_model")
serve = model.signatures["serving_default"]
feeds = {
    name: tensorflow.constant(numpy.array(feed["data"], feed["dtype"]).reshape(feed["shape"]))
    for name, feed in json.load(sys.stdin).items()
}
inputs = {name: [spec.dtype.name, spec.shape.as_list()] for name, spec in serve.structured_input_signature[1].items()}
outputs = {name: {"shape": list(value.shape), "data": value.numpy().ravel().tolist()} for name, value in serve(**feeds).items()}
json.dump({"inputs": inputs, "outputs": outputs}, sys.stdout)
