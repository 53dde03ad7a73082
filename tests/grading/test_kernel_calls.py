"""Calls to the kernel that a student's process is refused."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from backprop_lab.grading import calls

HEADERS = "/usr/include/x86_64-linux-gnu/asm/unistd_64.h", "/usr/include/asm-generic/unistd.h"
INSIDE = """
import ctypes, os, signal, threading
from backprop_lab.grading import calls
calls.refuse(kills={kills})
libc, tried = ctypes.CDLL(None, use_errno=True), []
os.kill(os.getpid(), 0)
signal.pthread_kill(threading.get_ident(), 0)
thread = threading.Thread(target=lambda: tried.append("a thread"))
thread.start()
thread.join()
if os.fork() == 0:
    os._exit(0)
os.wait()
for name, call in dict(
    kill=lambda: os.kill(os.getppid(), 0),
    memfd_create=lambda: os.memfd_create("x"),
    shmget=lambda: libc.shmget(0, 4096, 0o1600),
    vfork=lambda: libc.vfork(),
).items():
    try:
        if call() == -1:
            raise OSError
    except OSError:
        tried.append(name)
print(*tried, sep=", ")
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the filter is Linux's")
@pytest.mark.parametrize("kills", [False, True])
def test_the_kernel_refuses_what_no_answer_needs(kills):
    done = subprocess.run(
        [sys.executable, "-c", INSIDE.format(kills=kills)], capture_output=True, text=True, timeout=60
    )
    refused = (["kill"] if kills else []) + ["memfd_create", "shmget", "vfork"]
    assert done.stdout.strip() == ", ".join(["a thread", *refused]), done.stderr


@pytest.mark.skipif(not all(map(os.path.exists, HEADERS)), reason="needs the C library's headers")
def test_the_numbers_are_the_kernels():
    machines = [dict(re.findall(r"#define __NR(?:3264)?_(\w+)\s+(\d+)", Path(file).read_text())) for file in HEADERS]
    named = calls.MEMORY | calls.REACH | calls.WAITS | calls.KILLS | calls.TO_ONESELF
    named |= {"clone": calls.CLONE, "clone3": calls.CLONE3}
    for name, pair in named.items():
        assert list(map(str, pair)) == [numbers.get(name, "-1") for numbers in machines], name
