"""Writes a tar archive with Python's tarfile: path and format as arguments, names and texts of members as JSON on standard input."""

import io
import json
import sys
import tarfile

path, tar_format = sys.argv[1:]
archive = tarfile.open(path, "w", format=getattr(tarfile, tar_format))
for name, text in json.load(sys.stdin):
    content = text.encode()
    member = tarfile.TarInfo(name)
    member.size = len(content)
    archive.addfile(member, io.BytesIO(content))
archive.close()
json.dump({m.name: [m.offset_data, m.size] for m in tarfile.open(path).getmembers()}, sys.stdout)
