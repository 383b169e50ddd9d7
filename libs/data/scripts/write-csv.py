"""Reads rows as JSON from standard input; prints them as one JSON text of CSV, written by Python's csv module."""

import csv
import io
import json
import sys

case = json.load(sys.stdin)
output = io.StringIO(newline="")
csv.writer(output, delimiter=case["delimiter"], lineterminator=case["lineEnd"]).writerows(case["rows"])
json.dump(output.getvalue(), sys.stdout)
