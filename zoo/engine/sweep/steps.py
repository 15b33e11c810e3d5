"""One command of a sweep, and the order that commands can run in."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Step:
    """A command that trains, extracts features or tests.

    Attributes:
        action: 'train', 'extract' or 'test'.
        leaf: ``method/leaf``.
        seed: Of the run; None where it has none.
        command: Arguments behind ``python``.
        log: File that its output is written to.
        needs: Steps that must have ended well before.
    """

    action: str
    leaf: str
    seed: int | None
    command: tuple[str, ...]
    log: Path
    needs: tuple['Step', ...] = ()

    def __str__(self) -> str:
        seed = '' if self.seed is None else f' seed {self.seed}'
        return f'{self.action} {self.leaf}{seed}'


def stages(steps: Sequence[Step]) -> list[list[Step]]:
    """Return the steps in stages.

    Those of one stage are independent of each other and can run at the same
    time; they need nothing but earlier stages.

    Args:
        steps: Each one behind all that it needs.
    """
    level: dict[Step, int] = {}
    for step in steps:
        level[step] = 1 + max((level[need] for need in step.needs), default=-1)
    found: list[list[Step]] = [[] for _ in set(level.values())]
    for step in steps:
        found[level[step]].append(step)
    return found


def longest_first(steps: Sequence[Step]) -> list[Step]:
    """Return the steps, those first behind which most others wait in a row.

    A long chain that starts late ends late, with all other jobs idle.

    Args:
        steps: Each one behind all that it needs.
    """
    behind = dict.fromkeys(steps, 0)
    for step in reversed(steps):
        for need in step.needs:
            behind[need] = max(behind[need], behind[step] + 1)
    return sorted(steps, key=lambda step: -behind[step])
