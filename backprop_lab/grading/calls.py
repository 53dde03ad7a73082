"""Calls to the kernel that no answer needs, refused by a filter of the kernel's own (seccomp).

They take memory that no limit counts, reach into other processes, or stop the one who waits.
"""

from __future__ import annotations

import ctypes
import os
import struct
from typing import Any

# By name the numbers on x86_64 and on aarch64; -1 where there is no such call.
MEMORY = {"shmget": (29, 194), "msgget": (68, 186), "semget": (64, 190), "memfd_create": (319, 279)}
MEMORY |= {"memfd_secret": (447, 447), "userfaultfd": (323, 282), "add_key": (248, 217), "io_uring_setup": (425, 425)}
REACH = {"ptrace": (101, 117), "process_vm_readv": (310, 270), "process_vm_writev": (311, 271), "bpf": (321, 280)}
REACH |= {"perf_event_open": (298, 241), "unshare": (272, 97), "setns": (308, 268), "mount": (165, 40)}
REACH |= {"pidfd_getfd": (438, 438), "keyctl": (250, 219), "request_key": (249, 218), "mount_setattr": (442, 442)}
WAITS = {"vfork": (58, -1)}  # whoever calls it neither runs nor sleeps
KILLS = {"tkill": (200, 130), "rt_sigqueueinfo": (129, 138), "pidfd_send_signal": (424, 424)}
CLONE, CLONE3 = (56, 220), (435, 435)
TO_ONESELF = {"kill": (62, 129), "tgkill": (234, 131)}
_MACHINES = {"x86_64": (0, 0xC000003E, 317), "aarch64": (1, 0xC00000B7, 277)}
_LOAD, _IS, _AT_LEAST, _HAS, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_ALLOW, _REFUSE = 0x7FFF0000, 0x00050000  # and the error's number
_NUMBER, _MACHINE, _FIRST = 0, 4, 16  # where they stand in what the filter sees
_VFORK = 0x4000


def refuse(kills: bool) -> None:
    """From now on and for good; nothing, where the kernel has no such filter or the machine is another one.

    Parameters
    ----------
    kills : signals to other processes are refused, too: nothing else keeps them in
    """
    if os.uname().machine not in _MACHINES:
        return
    column, machine, call = _MACHINES[os.uname().machine]
    text = filter_of(column, machine, os.getpid() if kills else 0)
    libc: Any = ctypes.CDLL(None, use_errno=True)
    held = ctypes.create_string_buffer(text)
    program = struct.pack("HxxxxxxP", len(text) // 8, ctypes.addressof(held))
    if libc.syscall(call, 1, 4, program) < 0:  # 4: the processor need not be slowed down for it
        libc.syscall(call, 1, 0, program)


def filter_of(column: int, machine: int, own: int) -> bytes:
    """The filter, for the kernel's small machine; `own` is the one process to which signals may go, if any."""

    def number(pair: tuple[int, int]) -> int:
        return pair[column] & 0xFFFFFFFF

    refused = MEMORY | REACH | WAITS | (KILLS if own else {})
    steps = [(_LOAD, 0, 0, _MACHINE), (_IS, 1, 0, machine), (_RETURN, 0, 0, _REFUSE | 1), (_LOAD, 0, 0, _NUMBER)]
    steps += [(_AT_LEAST, 0, 1, 1 << 30), (_RETURN, 0, 0, _REFUSE | 38)]  # the same calls under other numbers
    for pair in refused.values():
        steps += [(_IS, 0, 1, number(pair)), (_RETURN, 0, 0, _REFUSE | 1)]
    steps += [(_IS, 0, 1, number(CLONE3)), (_RETURN, 0, 0, _REFUSE | 38)]  # the C library takes the other then
    steps += [(_IS, 0, 3, number(CLONE)), (_LOAD, 0, 0, _FIRST), (_HAS, 0, 1, _VFORK), (_RETURN, 0, 0, _REFUSE | 1)]
    for pair in TO_ONESELF.values() if own else ():
        steps += [(_LOAD, 0, 0, _NUMBER), (_IS, 0, 3, number(pair)), (_LOAD, 0, 0, _FIRST)]
        steps += [(_IS, 1, 0, own), (_RETURN, 0, 0, _REFUSE | 1)]
    steps += [(_RETURN, 0, 0, _ALLOW)]
    return b"".join(struct.pack("HBBI", *step) for step in steps)
