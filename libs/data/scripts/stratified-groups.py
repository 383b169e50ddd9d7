"""Reads groups and labels as JSON, prints the fold of each record by scikit-learn's StratifiedGroupKFold."""

import json
import sys

import numpy
from sklearn.model_selection import StratifiedGroupKFold

cases = json.load(sys.stdin)
folds = []
for case in cases:
    label, group = numpy.array(case["label"]), numpy.array(case["group"])
    fold = numpy.zeros(len(label), int)
    splitter = StratifiedGroupKFold(n_splits=case["folds"], shuffle=True, random_state=1)
    for i, (_, test) in enumerate(splitter.split(numpy.zeros(len(label)), label, group)):
        fold[test] = i
    folds.append(fold.tolist())
json.dump(folds, sys.stdout)
