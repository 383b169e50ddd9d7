"""One case a line on stdin, milliseconds of one run on stdout: the same TensorFlow, driven from Python."""

import os
import sys
import time

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")
import tensorflow as tf

THREADS = int(os.environ.get("ASSAY_THREADS", "0"))
tf.config.threading.set_intra_op_parallelism_threads(THREADS)
tf.config.threading.set_inter_op_parallelism_threads(THREADS)

matrix_NN = tf.random.stateless_normal([1024, 1024], [1, 2])
image_BHWC = tf.random.stateless_normal([16, 64, 64, 32], [1, 2])
filter_HWCF = tf.random.stateless_normal([3, 3, 32, 32], [1, 2])
CASES = {
    "matmul": lambda: tf.matmul(matrix_NN, matrix_NN)[0, 0],
    "conv2d": lambda: tf.nn.conv2d(image_BHWC, filter_HWCF, 1, "SAME")[0, 0, 0, 0],
    "add": lambda: tf.add(filter_HWCF, filter_HWCF)[0, 0, 0, 0],
}
print(f"TensorFlow {tf.__version__} from Python {sys.version.split()[0]}", flush=True)
for line in sys.stdin:
    case = CASES[line.strip()]
    start = time.perf_counter()
    case().numpy()
    print((time.perf_counter() - start) * 1000, flush=True)
