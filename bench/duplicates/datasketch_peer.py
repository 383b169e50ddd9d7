"""Side of bench/duplicates: datasketch's MinHash and MinHashLSH, with every candidate verified by exact Jaccard.

Usage: datasketch_peer.py TEXTS OUT; prints one line of JSON. Shingles of 5 characters; 128 permutations, datasketch's default.
"""

import json
import resource
import sys
import time

from datasketch import MinHash, MinHashLSH

THRESHOLD, LENGTH, PERMUTATIONS = 0.8, 5, 128
path, out = sys.argv[1:]
with open(path, encoding="utf-8") as file:
    texts = file.read().rstrip("\n").split("\n")


def shingles(text: str) -> set[str]:
    return {text[i : i + LENGTH] for i in range(max(1, len(text) - LENGTH + 1))}


start = time.perf_counter()
lsh = MinHashLSH(threshold=THRESHOLD, num_perm=PERMUTATIONS)
pairs = []
sets = ([shingle.encode() for shingle in shingles(text)] for text in texts)
for b, signature in enumerate(MinHash.generator(sets, num_perm=PERMUTATIONS)):
    own = None
    for a in lsh.query(signature):
        own = own or shingles(texts[b])
        other = shingles(texts[a])
        if len(own & other) / len(own | other) >= THRESHOLD:
            pairs.append((a, b))
    lsh.insert(b, signature, check_duplication=False)
seconds = time.perf_counter() - start
with open(out, "w", encoding="utf-8") as file:
    json.dump(pairs, file)
print(json.dumps({"seconds": seconds, "peakMb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}))
