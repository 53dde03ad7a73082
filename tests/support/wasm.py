"""Make `compiled/machine.wasm` of the machine's source and the table of operations.

    python tests/support/wasm.py .venv/zig          write it anew, with the compiler in that environment
    built(compiler)                                    what it should hold

The compiler is clang as Zig's wheel brings it, in the version that `tests/zig.txt` names: with another one other bytes
come out. Its copy of musl has the source of the mathematical functions, and only these are compiled.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "backprop_lab" / "compiled" / "machine.c"
WASM = SOURCE.with_suffix(".wasm")
# What the functions in machine.c need of musl's.
MUSL = """acos acosh asin asinh atan atan2 atanh cbrt cos cosh exp exp2 exp_data expm1 hypot log log10 log1p log2
log2_data log_data pow pow_data scalbn sin sincos sinh tan tanh __cos __expo2 __math_divzero __math_invalid __math_oflow
__math_uflow __math_xflow __rem_pio2 __rem_pio2_large __sin __tan"""
FLAGS = ["-target", "wasm32-freestanding", "-O2", "-std=gnu11", "-fno-sanitize=all", "-ffp-contract=off", "-g0", "-w"]
LINKED = ["-nostdlib", "-Wl,--no-entry", "-Wl,--strip-all", "-Wl,--export=__heap_base"]


def built(environment: Path) -> bytes:
    """The bytes of the machine, compiled now."""
    from backprop_lab.table.c import operations

    (zig,) = environment.resolve().glob("lib/python*/site-packages/ziglang")
    libc = zig / "lib" / "libc"
    musl = libc / "musl" / "src"
    with tempfile.TemporaryDirectory() as folder:
        here = Path(folder)
        (here / "operations.h").write_text(operations(), encoding="utf-8")
        (here / SOURCE.name).write_bytes(SOURCE.read_bytes())
        paths = [here, musl / "internal", musl / "include", libc / "musl" / "include"]
        paths += [
            libc / "include" / "wasm-wasi-musl",
            libc / "include" / "generic-musl",
            libc / "musl" / "arch" / "generic",
        ]
        command = [
            zig / "zig",
            "cc",
            *FLAGS,
            *LINKED,
            *(f"-I{path}" for path in paths),
            "-o",
            "machine.wasm",
            SOURCE.name,
        ]
        command += [musl / "math" / f"{name}.c" for name in MUSL.split()]
        subprocess.run(list(map(str, command)), cwd=here, check=True)
        return (here / "machine.wasm").read_bytes()


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    WASM.write_bytes(built(Path(sys.argv[1])))
    print(f"{WASM}: {WASM.stat().st_size:,} bytes")
