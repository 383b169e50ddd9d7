"""Reads cases as JSON from stdin, prints scikit-learn's, scipy's and statsmodels-like figures for them as JSON."""
import json
import math
import sys

from scipy.stats import beta, binom, binomtest, norm, t
from sklearn.metrics import (accuracy_score, average_precision_score, brier_score_loss, f1_score, log_loss,
                             precision_score, recall_score, roc_auc_score)


def wilson(k, n):
    z = norm.ppf(0.975)
    centre = (k / n + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * math.sqrt(k / n * (1 - k / n) / n + z * z / (4 * n * n))
    return [max(0, centre - half), min(1, centre + half)]


def figures(case):
    y, s, w, p, t = case["labels"], case["scores"], case["weights"], case["probabilities"], case["threshold"]
    used = [i for i, x in enumerate(w) if x > 0]
    y, s, w, p = ([column[i] for i in used] for column in (y, s, w, p))
    hard = [int(x >= t) for x in s]
    both = 0 < sum(y) < len(y)
    return {
        "averagePrecision": average_precision_score(y, s, sample_weight=w) if sum(y) > 0 else None,
        "auroc": roc_auc_score(y, s, sample_weight=w) if both else None,
        "logLoss": log_loss(y, p, sample_weight=w, labels=[0, 1]),
        "brier": brier_score_loss(y, p, sample_weight=w, pos_label=1),
        "precision": precision_score(y, hard, sample_weight=w) if sum(hard) > 0 else None,
        "recall": recall_score(y, hard, sample_weight=w) if sum(y) > 0 else None,
        "f1": f1_score(y, hard, sample_weight=w) if sum(y) + sum(hard) > 0 else None,
    }


def multi_class(case):
    truth, predicted, k = case["truth"], case["predicted"], case["numClasses"]
    return {"accuracy": accuracy_score(truth, predicted), "macroF1": f1_score(truth, predicted, average="macro", zero_division=0)}


request = json.load(sys.stdin)
json.dump({
    "binary": [figures(c) for c in request["binary"]],
    "multiClass": [multi_class(c) for c in request["multiClass"]],
    "tails": [binom.sf(k - 1, n, p) for k, n, p in request["tails"]],
    "wilson": [wilson(k, n) for k, n in request["wilson"]],
    "exact": [list(binomtest(k, n).proportion_ci()) for k, n in request["wilson"]],
    "quantiles": [t.ppf(p, df) for p, df in request["quantiles"]],
    "betas": [beta.ppf(p, a, b) for p, a, b in request["betas"]],
}, sys.stdout)
