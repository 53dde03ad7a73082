"""What a student's process may use, and what is said when it has used that up."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """The limits of one submission.

    Attributes
    ----------
    cell : seconds of the processor for one cell; an exercise's own calls have three (`exercises.handle.SECONDS`)
    exercise : seconds of the processor for all calls of an exercise together
    wait : seconds that either may sleep in all, and `wall` seconds at most, however busy the machine is
    notebook : seconds at most for all of a notebook, in which it is the process's turn
    restarts : how often a process that has hung or died is begun anew, without what ended it
    memory : bytes beyond what the lab itself needs, of one process and of all together
    file, disk : bytes of one file, and of all files where the system can count them
    files, processes : how many may be open, and may run at once, threads included
    output : characters of a cell's output that are kept
    """

    cell: float = 4.0
    exercise: float = 5.0
    wait: float = 5.0
    wall: float = 60.0
    notebook: float = 60.0
    restarts: int = 6
    memory: int = 1 << 30
    file: int = 16 << 20
    disk: int = 64 << 20
    files: int = 64
    processes: int = 24
    output: int = 2_000


LIMITS = Limits()
