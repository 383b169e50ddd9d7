"""Reads CSV from standard input with Python's csv module; prints its rows, with the line after each, as JSON."""

import csv
import io
import json
import sys

text = io.TextIOWrapper(sys.stdin.buffer, encoding="utf-8-sig", newline="")
reader = csv.reader(text, strict=True)
json.dump([[reader.line_num, row] for row in reader], sys.stdout)
