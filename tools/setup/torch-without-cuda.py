"""Lets the torch of the package index load without NVIDIA's libraries, for work on the CPU.

usage: torch-without-cuda.py TORCH_LIB_DIR COMPILER
The wheel is linked with libraries (a download of 2 GB) that a CPU never calls, and the dynamic linker insists on their
files and symbols. For each that is missing, a library of empty functions with those names is compiled beside torch's own.
Libraries that are installed are left alone. So that nothing calls the empty functions, this Python is made to see no GPU.
Needs readelf, which comes with the compiler.
"""

import ctypes
import pathlib
import re
import subprocess
import sys
import tempfile
from collections import defaultdict


def readelf(option: str, path: pathlib.Path) -> str:
    return subprocess.run(["readelf", "-W", option, path], check=True, capture_output=True, text=True).stdout


def is_present(soname: str, lib_dir: pathlib.Path) -> bool:
    """Beside torch, in an nvidia package beside it, or on the system."""
    if (lib_dir / soname).exists() or any(lib_dir.parent.parent.glob(f"nvidia/*/lib/{soname}")):
        return True
    try:
        ctypes.CDLL(soname)
        return True
    except OSError:
        return False


def compile_placeholder(path: pathlib.Path, symbols: dict[str, set[str]], compiler: str) -> None:
    """A library of empty functions; `symbols` by version, '' for those without one."""
    with tempfile.TemporaryDirectory() as work:
        source, versions = pathlib.Path(work, "empty.c"), pathlib.Path(work, "versions.map")
        names = sorted(set().union(*symbols.values()))
        source.write_text("".join(f"void {name}(void) {{}}\n" for name in names))
        nodes = {version: names for version, names in symbols.items() if version}
        versions.write_text(
            "".join(f"{version} {{ global: {'; '.join(sorted(names))}; }};\n" for version, names in nodes.items())
        )
        script = [f"-Wl,--version-script,{versions}"] if nodes else []
        flags = ["-w", "-shared", "-fPIC", "-fno-builtin", "-x", "c", source, f"-Wl,-soname,{path.name}", *script]
        subprocess.run([compiler, *flags, "-o", path], check=True)


def hide_gpus(site_packages: pathlib.Path) -> None:
    """Python runs such a line whenever it starts."""
    line = 'import os; os.environ["CUDA_VISIBLE_DEVICES"] = ""\n'
    (site_packages / "torch-without-cuda.pth").write_text(line)


class Library:
    """What the dynamic linker wants for one file: libraries, and symbols of them by version ('' where there is none)."""

    def __init__(self, path: pathlib.Path) -> None:
        self.needed = set(re.findall(r"\(NEEDED\).*\[(.+)\]", readelf("-d", path)))
        self.defined: set[str] = set()
        self.wanted: dict[str, set[str]] = defaultdict(set)
        self.file_of_version: dict[str, str] = {}
        file = ""
        for line in readelf("-V", path).splitlines():
            if found := re.search(r"File: (\S+)", line):
                file = found[1]
            elif found := re.search(r"Name: (\S+)\s+Flags: \S+\s+Version:", line):
                self.file_of_version[found[1]] = file
        symbol = re.compile(r"\s*\d+: \S+\s+\S+\s+\S+\s+(GLOBAL|WEAK)\s+\S+\s+(\S+) ([^@\s]+)(?:@+(\S+))?")
        for found in filter(None, map(symbol.match, readelf("--dyn-syms", path).splitlines())):
            binding, section, name, version = found.groups()
            if section != "UND":
                self.defined.add(name)
            elif version or binding == "GLOBAL":
                self.wanted[version or ""].add(name)


def load_closure(lib_dir: pathlib.Path, start: str) -> list[Library]:
    """The library that `import torch` loads, and those beside it that it needs."""
    libraries, waiting = {}, [start]
    while waiting:
        name = waiting.pop()
        if name not in libraries and (lib_dir / name).exists():
            libraries[name] = Library(lib_dir / name)
            waiting.extend(libraries[name].needed)
    return list(libraries.values())


def main(lib_dir: pathlib.Path, compiler: str) -> None:
    libraries = load_closure(lib_dir, "libtorch_python.so")
    defined = set().union(*(library.defined for library in libraries))
    process = ctypes.CDLL(None)  # Python's own symbols
    unversioned: set[str] = set()
    versioned: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for library in libraries:
        for version, names in library.wanted.items():
            if version:
                versioned[library.file_of_version[version]][version] |= names
            else:
                unversioned |= {name for name in names - defined if not hasattr(process, name)}
    missing = {name for library in libraries for name in library.needed if not is_present(name, lib_dir)}
    if missing:
        hide_gpus(lib_dir.parent.parent)
    for soname in sorted(missing):
        # Which library a symbol without a version is in is not written anywhere, and any will do.
        compile_placeholder(lib_dir / soname, versioned.get(soname) or {"": unversioned}, compiler)


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]), sys.argv[2])
