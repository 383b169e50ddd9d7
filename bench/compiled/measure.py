"""What the sides in Python share: the command line, the clock and the line that they print."""

import argparse
import json
import pathlib
import resource
import time
from collections.abc import Callable

from batches import make_batches

MODELS = json.loads(pathlib.Path(__file__).with_name("models.json").read_text())
NUM_LOSSES = 5


def read_options(modes: list[str]) -> argparse.Namespace:
    """The command line; `sizes` is the model's entry in models.json, with the dropout of the command line if it has one."""
    parser = argparse.ArgumentParser(allow_abbrev=False)
    parser.add_argument("--model", choices=MODELS, default="mean")
    parser.add_argument("--batch", type=int, default=64)
    parser.add_argument("--steps", type=int, default=30)
    parser.add_argument("--warmup", type=int, default=5)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--dropout", type=float)
    parser.add_argument("--mode", choices=modes, default=modes[0])
    options = parser.parse_args()
    options.sizes = dict(MODELS[options.model])
    if options.dropout is not None:
        options.sizes["dropout"] = options.dropout
    return options


def measure(options: argparse.Namespace, side: dict, step: Callable[[tuple], float], prepare: Callable[[dict], tuple]) -> None:
    """Times single steps and prints the measurement as one line of JSON.

    `side` has side, device, parameters and versions. `prepare` turns a batch into what a user of the framework has in
    memory; `step` takes that and gives the loss.
    """
    batches = [prepare(batch) for batch in make_batches(options.sizes, options.batch)]
    losses, ms = [], []
    cpu = time.process_time()
    for i in range(options.warmup + options.steps):
        if i == options.warmup:
            cpu = time.process_time()
        start = time.perf_counter()
        losses.append(step(batches[i % len(batches)]))
        ms.append((time.perf_counter() - start) * 1000)
    cpu_ms = (time.process_time() - cpu) * 1000 / options.steps
    result = {
        "side": side["side"],
        "device": side["device"],
        "model": options.model,
        "batch": options.batch,
        "threads": options.threads,
        "parameters": side["parameters"],
        "millisecondsPerStep": [round(value, 3) for value in ms[options.warmup :]],
        "firstStepSeconds": round(ms[0] / 1000, 3),
        "cpuMillisecondsPerStep": round(cpu_ms, 3),
        "peakMemoryMb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
        "losses": losses[:NUM_LOSSES],
        "lastLoss": losses[-1],
        "versions": side["versions"],
    }
    print(json.dumps(result), flush=True)
