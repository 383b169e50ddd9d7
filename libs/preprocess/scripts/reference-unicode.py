# What Python's own Unicode data say: reads texts as JSON, prints NFKC and the case folding of that for each of them,
# and both for each character that this Python knows and that they change.
import json
import sys
from unicodedata import category, normalize, unidata_version

texts = json.load(sys.stdin)
known = [chr(code) for code in range(0x110000) if category(chr(code)) not in ("Cn", "Cs")]
print(
    json.dumps(
        {
            "unicode": unidata_version,
            "known": "".join(known),
            "nfkc": {c: normalize("NFKC", c) for c in known if normalize("NFKC", c) != c},
            "casefold": {c: c.casefold() for c in known if c.casefold() != c},
            "texts": [[k, normalize("NFC", k.casefold())] for k in (normalize("NFKC", t) for t in texts)],
        }
    )
)
