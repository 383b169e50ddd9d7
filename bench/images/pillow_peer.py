"""Usage: pillow_peer.py FILE THREADS PASSES: Pillow and imagehash do what side `own` does, in processes."""

import io
import json
import multiprocessing
import resource
import sys
import time

import imagehash
from PIL import Image, ImageOps

ENCODED = []


def load(path):
    for name in json.load(open(path)):
        with open(name, "rb") as file:
            ENCODED.append(file.read())


def prepare(i):
    image = ImageOps.exif_transpose(Image.open(io.BytesIO(ENCODED[i]))).convert("RGB")
    pixels = image.resize((224, 224), Image.Resampling.BICUBIC).tobytes()
    return len(pixels), str(imagehash.phash(image)), str(imagehash.phash(image, hash_size=16))


if __name__ == "__main__":
    path, processes, passes = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    load(path)
    with multiprocessing.get_context("fork").Pool(processes) as pool:
        pool.map(prepare, range(min(60, len(ENCODED))), chunksize=4)
        rates = []
        for _ in range(passes):
            started = time.perf_counter()
            pool.map(prepare, range(len(ENCODED)), chunksize=4)
            rates.append(len(ENCODED) / (time.perf_counter() - started))
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    print(json.dumps({"imagesPerSecond": rates, "peakMemoryMB": usage.ru_maxrss / 1024}))
