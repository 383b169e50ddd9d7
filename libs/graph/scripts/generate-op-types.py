"""Prints op-types.json: for each TensorFlow op, the attribute that gives the type of each of its inputs.

Eager execution infers these attributes; a graph must spell them out. A list input is [type attribute, length
attribute]; an input of a fixed type is "". Run it with the Python of the pinned TensorFlow:
    python scripts/generate-op-types.py > src/op-types.json
"""

import json

from tensorflow.core.framework import op_def_pb2
from tensorflow.python.client import pywrap_tf_session

ops = op_def_pb2.OpList()
ops.ParseFromString(pywrap_tf_session.TF_GetBuffer(pywrap_tf_session.TF_GetAllOpList()))
table = {}
for op in ops.op:
    types = [[arg.type_attr, arg.number_attr] if arg.number_attr else arg.type_attr for arg in op.input_arg]
    if any(types) and not op.name.startswith("_") and not any(arg.type_list_attr for arg in op.input_arg):
        table[op.name] = types
lines = ",\n".join(f"  {json.dumps(name)}: {json.dumps(table[name])}" for name in sorted(table))
print("{\n" + lines + "\n}")
