"""The fence around a student's process: what it may read, write, use and reach, as far as the system can keep it in.

There are tiers; a record says which one was there. Everything is asked of the kernel by `ctypes`, nothing is installed.

`namespaces`       processes, network, files and a user of its own (as root), and Landlock
`user namespaces`  the same for a user without rights
`Landlock`         reading and writing by path, no TCP, limits
`limits`           limits of the system, and Python's own audit hook: against accidents rather than intent
"""

from __future__ import annotations

import ctypes
import os
import site
import struct
import sys
import sysconfig
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any

from . import calls
from .limits import Limits

TIERS = ("namespaces", "user namespaces", "Landlock", "limits")
HERE = Path(__file__).resolve().parent.parent
SECRET = HERE / "exercises" / "lessons"  # with the model answers

_NEWNS, _NEWIPC, _NEWUSER, _NEWPID, _NEWNET = 0x20000, 0x8000000, 0x10000000, 0x20000000, 0x40000000
_READ, _DEVICES = 0b1101, 1 << 15  # execute, read files, read folders; ioctl
_CREATE, _RULE, _RESTRICT = 444, 445, 446  # Landlock's three calls, the same on every machine
_NO_NEW_PRIVILEGES, _DUMPABLE, _SUBREAPER, _KEEP_RIGHTS = 38, 4, 36, 8
_READ_ALL = 1 << 2  # the right to read what Landlock allows, whoever owns it
OWNER = 100_000  # the first of the users that children become
_PRIVATE, _NOSUID, _NODEV = 0x44000, 2, 4
SYSTEM = ("/usr/lib /usr/lib64 /lib /lib64 /usr/share/zoneinfo /usr/share/fonts /etc/ld.so.cache").split()
SYSTEM += "/etc/localtime /etc/fonts /dev/urandom /dev/zero".split()


def _libc() -> Any:
    return ctypes.CDLL(None, use_errno=True)


def _called(name: str, *args: Any) -> int:
    """A function of the C library; an OSError where it fails."""
    found = int(getattr(_libc(), name)(*args))
    if found < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{name}: {os.strerror(number)}")
    return found


def readable() -> list[str]:
    """What a student's process may read: Python and what is installed, and the lab without its model answers."""
    found = [*SYSTEM, *(sysconfig.get_path(name) for name in ("stdlib", "platstdlib")), sys.exec_prefix + "/lib"]
    for entry in [*sys.path, *site.getsitepackages()]:
        own = Path(entry) / HERE.name
        if not entry or not Path(entry).is_dir():
            continue
        if own.is_dir():
            installed = "site-packages" in entry or "dist-packages" in entry
            found += _without(Path(entry), own) if installed else []
            found += _without(own, own / "exercises")
            found += _without(own / "exercises", own / "exercises" / "lessons")
        else:
            found.append(entry)
    return [path for path in dict.fromkeys(found) if path and os.path.exists(path) and not _holds_secret(path)]


def _without(folder: Path, left_out: Path) -> list[str]:
    return [str(path) for path in folder.iterdir() if path != left_out] if folder.is_dir() else []


def _holds_secret(path: str) -> bool:
    return Path(path).resolve() in (SECRET, *SECRET.parents)


class Landlock:
    """Rules by path for a process and all that it starts: made once, put in force in each child."""

    def __init__(self, readable: Iterable[str], writable: Iterable[str]) -> None:
        self.version = _called("syscall", _CREATE, None, 0, 1)
        every = (1 << (13, 14, 15, 15, 16)[min(self.version, 5) - 1]) - 1
        network = 0b11 if self.version >= 4 else 0
        scoped = 0b11 if self.version >= 6 else 0
        rules = struct.pack("QQQ", every, network, scoped)[: 24 if scoped else 16 if network else 8]
        self.rules = _called("syscall", _CREATE, rules, len(rules), 0)
        for path in readable:
            self._allow(path, every & _READ)
        for path in writable:
            self._allow(path, every)
        self._allow("/dev/null", every & ~_DEVICES & 0b110)

    def _allow(self, path: str, rights: int) -> None:
        with suppress(FileNotFoundError, PermissionError, NotADirectoryError):
            beneath = os.open(path, os.O_PATH | os.O_CLOEXEC)
            try:
                rights = rights if os.path.isdir(path) else rights & 0b111
                _called("syscall", _RULE, self.rules, 1, struct.pack("=Qi", rights, beneath), 0)
            finally:
                os.close(beneath)

    def enter(self) -> None:
        """From now on, and for good."""
        _called("syscall", _RESTRICT, self.rules, 0)


class Fence:
    """What this system offers, found out once.

    Parameters
    ----------
    work : the folder in which the children's folders are made
    limits : what each may use
    most : a tier that is not to be exceeded, for tests
    """

    def __init__(self, work: Path, limits: Limits, most: str = TIERS[0]) -> None:
        self.work, self.limits = work, limits
        self.root = hasattr(os, "geteuid") and os.geteuid() == 0
        allowed = TIERS[TIERS.index(most) :]
        self.landlock = self._rules() if "Landlock" in allowed else None
        self.spaces = 0
        if self.landlock is not None and sys.platform == "linux":
            spaces = _NEWPID | _NEWNS | _NEWNET | _NEWIPC | (0 if self.root else _NEWUSER)
            if {True: "namespaces", False: "user namespaces"}[self.root] in allowed and self._works(spaces):
                self.spaces = spaces
        names = {True: "user namespaces", False: "namespaces"}
        self.tier = names[bool(self.spaces & _NEWUSER)] if self.spaces else "Landlock" if self.landlock else "limits"
        self.size = _size()
        self.as_root = self.root and self.landlock is not None and not _open_to(OWNER)

    def _rules(self) -> Landlock | None:
        with suppress(OSError, AttributeError):
            return Landlock(readable(), [str(self.work)])
        return None

    def adopt(self) -> None:
        """Let what outlives a child become this process's own, so that it can be ended."""
        with suppress(OSError, AttributeError):
            _called("prctl", _SUBREAPER, 1, 0, 0, 0)

    def apart(self) -> None:
        """Leave the namespaces of the others; what is forked from now on is in new ones."""
        if not self.spaces:
            return
        uid, gid = os.getuid(), os.getgid()
        _called("unshare", self.spaces)
        if self.spaces & _NEWUSER:
            for name, text in (("setgroups", "deny"), ("uid_map", f"{uid} {uid} 1"), ("gid_map", f"{gid} {gid} 1")):
                Path(f"/proc/self/{name}").write_text(text)

    def _works(self, spaces: int) -> bool:
        """Whether namespaces can be left here, and files kept in, tried by a child: some systems allow half of it."""
        child = os.fork()
        if not child:
            try:
                self.spaces = spaces
                self.apart()
                self._mount(self.work, 0)
                os._exit(0)
            except BaseException:
                os._exit(1)
        return os.waitpid(child, 0)[1] == 0

    def _mount(self, folder: Path, owner: int) -> None:
        """A disk of its own in memory, as large as the limits say."""
        _called("mount", b"none", b"/", None, _PRIVATE, None)
        user = f",uid={owner},gid={owner}" if owner else ""
        options = f"size={self.limits.disk},nr_inodes=4096,mode=0700{user}".encode()
        _called("mount", b"tmpfs", os.fsencode(folder), b"tmpfs", _NOSUID | _NODEV, options)

    def enter(self, folder: Path, number: int) -> None:
        """Go inside, for good: the folder is the new current one. The number is one that no other process has now."""
        owner = OWNER + number if self.root else 0  # a user that nobody else is
        if self.spaces:
            self._mount(folder, owner)
        elif owner:
            os.chown(folder, owner, owner)
        os.chdir(folder)
        self._limit()
        if owner:
            os.setgroups([])
            if self.as_root:
                _called("prctl", _KEEP_RIGHTS, 1, 0, 0, 0)
            os.setresgid(owner, owner, owner)
            os.setresuid(owner, owner, owner)
        if self.as_root or self.spaces & _NEWUSER:
            rights = _READ_ALL * self.as_root
            _called(
                "syscall", _capset(), struct.pack("Ii", 0x20080522, 0), struct.pack("6I", rights, rights, 0, 0, 0, 0)
            )
        with suppress(OSError, AttributeError):
            _called("prctl", _NO_NEW_PRIVILEGES, 1, 0, 0, 0)
            _called("prctl", _DUMPABLE, 0, 0, 0, 0)
        if self.landlock is not None:
            self.landlock.enter()
            os.close(self.landlock.rules)
            calls.refuse(kills=not self.spaces)
        else:
            _watch(folder)

    def _limit(self) -> None:
        """The limits of the system that are known here."""
        try:
            import resource
        except ImportError:  # Windows
            return
        limits = self.limits
        seconds = int(limits.wall) + 5
        nobody = self.root or self.spaces
        wanted = {
            "CPU": seconds,
            "AS": limits.memory + self.size if self.size else resource.RLIM_INFINITY,
            "FSIZE": limits.file,
            "NOFILE": limits.files,
            "CORE": 0,
            "NPROC": limits.processes if nobody else _running() + limits.processes,
        }
        for name, most in wanted.items():
            with suppress(AttributeError, ValueError, OSError):
                resource.setrlimit(getattr(resource, f"RLIMIT_{name}"), (most, most))


def _capset() -> int:
    return {"x86_64": 126, "aarch64": 91}.get(os.uname().machine, -1)


def _open_to(owner: int) -> bool:
    """Whether another user could read Python's own modules: root's may lie where nobody else gets in."""
    child = os.fork()
    if not child:
        try:
            os.setresuid(owner, owner, owner)
            os.listdir(os.path.dirname(os.__file__))
            os.listdir(HERE)
            os._exit(0)
        except BaseException:
            os._exit(1)
    return os.waitpid(child, 0)[1] == 0


def _size() -> int:
    """How much address space this process has; 0 where nobody tells."""
    try:
        return int(Path("/proc/self/statm").read_text().split()[0]) * os.sysconf("SC_PAGESIZE")
    except (OSError, ValueError, AttributeError):
        return 0


def _running() -> int:
    """How many processes and threads this user has, which a limit counts too."""
    count, uid = 0, os.getuid()
    for path in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if path.stat().st_uid == uid:
                count += len(os.listdir(path / "task"))
    return count or 400


def _watch(folder: Path) -> None:
    """Where the system keeps nobody in, Python at least says no."""
    inside, secret = str(folder), str(SECRET)

    def hook(event: str, args: tuple[Any, ...]) -> None:
        if event == "open" and isinstance(args[0], str):
            path, flags = os.path.abspath(args[0]), args[2] if isinstance(args[2], int) else 0
            writes = flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT)
            if path.startswith(secret) or writes and path != os.devnull and not path.startswith(inside):
                raise PermissionError(f"{path} is closed while grading")
        elif event in CLOSED:
            raise PermissionError(f"{event} is closed while grading")

    sys.addaudithook(hook)


CLOSED = {"socket.connect", "socket.bind", "socket.sendto", "os.kill", "os.killpg", "os.system", "subprocess.Popen"}
CLOSED |= {"os.exec", "os.posix_spawn", "os.symlink", "os.link", "os.fork", "os.forkpty", "ctypes.dlopen"}
CLOSED |= {"os.remove", "os.rmdir", "os.rename", "os.mkdir", "os.truncate", "os.chmod", "shutil.rmtree"}
