"""Reads cases as JSON and prints what scikit-learn's QuantileTransformer makes of their values.

A case is {"train": [...], "values": [...], "quantiles": int, "output": "uniform" or "normal"}.
"""

import json
import sys
import warnings

import numpy
from sklearn.preprocessing import QuantileTransformer

warnings.simplefilter("ignore")


def transform(case):
    scaler = QuantileTransformer(
        n_quantiles=case["quantiles"], output_distribution=case["output"], subsample=None
    )
    scaler.fit(numpy.array(case["train"], dtype=float).reshape(-1, 1))
    values = scaler.transform(numpy.array(case["values"], dtype=float).reshape(-1, 1))
    return {"quantiles": scaler.quantiles_.ravel().tolist(), "values": values.ravel().tolist()}


print(json.dumps([transform(case) for case in json.load(sys.stdin)]))
