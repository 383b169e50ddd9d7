"""Reads cases as JSON, each an operation with its image, and prints what Pillow and imagehash make of them.

An image is {"height", "width", "channels", "pixels"}: base64 of uint8 in the order height, width, channels.
"""

import base64
import json
import sys

import imagehash
import numpy
from PIL import Image, ImageEnhance, ImageOps

MODES = {1: "L", 3: "RGB", 4: "RGBA"}


def decode(image):
    data = base64.b64decode(image["pixels"])
    return Image.frombytes(MODES[image["channels"]], (image["width"], image["height"]), data)


def encode(image):
    return {"height": image.height, "width": image.width, "pixels": base64.b64encode(image.tobytes()).decode()}


def bits(image_hash):
    return {"pixels": base64.b64encode(numpy.packbits(image_hash.hash).tobytes()).decode()}


def resize(image, height, width, filter, box=None):
    return encode(image.resize((width, height), Image.Resampling[filter.upper()], box))


def cover(image, size, filter):
    """torchvision's Resize(size) and CenterCrop(size) on Pillow images, and transformers' crop."""
    short, long = sorted(image.size)
    scaled = int(size * long / short)
    width, height = (size, scaled) if image.width <= image.height else (scaled, size)
    resized = image.resize((width, height), Image.Resampling[filter.upper()])
    crops = {
        "torchvision": (round((width - size) / 2), round((height - size) / 2)),
        "transformers": ((width - size) // 2, (height - size) // 2),
    }
    return {
        name: encode(resized.crop((left, top, left + size, top + size))) for name, (left, top) in crops.items()
    }


OPERATIONS = {
    "resize": resize,
    "grey": lambda image: encode(image.convert("L")),
    "hash": lambda image, size: bits(imagehash.phash(image, hash_size=size)),
    "cover": cover,
    "contain": lambda image, height, width, filter, color: encode(
        ImageOps.pad(image, (width, height), Image.Resampling[filter.upper()], tuple(color))
    ),
    "brightness": lambda image, factor: encode(ImageEnhance.Brightness(image).enhance(factor)),
    "contrast": lambda image, factor: encode(ImageEnhance.Contrast(image).enhance(factor)),
    "saturation": lambda image, factor: encode(ImageEnhance.Color(image).enhance(factor)),
    "sharpness": lambda image, factor: encode(ImageEnhance.Sharpness(image).enhance(factor)),
    "posterize": lambda image, bits: encode(ImageOps.posterize(image, bits)),
    "solarize": lambda image, threshold: encode(ImageOps.solarize(image, threshold)),
    "autocontrast": lambda image: encode(ImageOps.autocontrast(image)),
    "equalize": lambda image: encode(ImageOps.equalize(image)),
    "mirror": lambda image: encode(ImageOps.mirror(image)),
}

results = []
for case in json.load(sys.stdin):
    image = decode(case["image"])
    results.append(OPERATIONS[case["operation"]](image, **case["options"]))
json.dump(results, sys.stdout)
