"""The Pareto front of time and score."""

from collections.abc import Sequence


def pareto_front(places: Sequence[tuple[float, float]]) -> list[int]:
    """Return the indices of those that no other beats, the fastest first.

    One beats another where it is at least as fast and as good, and not the
    same in both.

    Args:
        places: Pairs of a time, less is better, and a score, more is better.
    """
    order = sorted(
        range(len(places)), key=lambda i: (places[i][0], -places[i][1])
    )
    front: list[int] = []
    for i in order:
        last = places[front[-1]] if front else None
        if last is None or places[i] == last or places[i][1] > last[1]:
            front.append(i)
    return front
