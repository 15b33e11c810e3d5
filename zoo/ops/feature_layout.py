"""Which columns of a long row hold which feature."""

from collections.abc import Iterable, Mapping, Sequence


class FeatureLayout:
    """Blocks of a row by name, one behind the other.

    A name is ``level`` or ``level.block``; ``level`` alone stands for all of
    its blocks.

    Source: Mostajabi et al., CVPR 2015, eq. 1: the levels stand one behind
        the other. Which block comes where within a level is ours.

    Args:
        blocks: Name to number of columns, in the order of the row.

    Raises:
        ValueError: If a block has no column, or a level has both parts and
            a block of its own name.

    Example:
        >>> layout = FeatureLayout({'near.a': 2, 'near.b': 3, 'far': 4})
        >>> layout.size('near'), layout.columns(['far', 'near.a'])
        (5, [(0, 2), (5, 9)])
    """

    def __init__(self, blocks: Mapping[str, int]) -> None:
        for name, count in blocks.items():
            if count < 1:
                raise ValueError(f'{name} must have columns, got {count}')
        self.blocks = dict(blocks)
        self.levels = list(dict.fromkeys(n.split('.')[0] for n in blocks))
        for level in self.levels:
            if level in blocks and len(self._names_of(level)) > 1:
                raise ValueError(f'{level} is both a block and a level')

    def _names_of(self, name: str) -> list[str]:
        return [
            block
            for block in self.blocks
            if block == name or block.startswith(f'{name}.')
        ]

    def names(self, use: Iterable[str]) -> list[str]:
        """Return the blocks that are meant, in the order of the row.

        Raises:
            ValueError: If a name is unknown, or none is given.
        """
        wanted: set[str] = set()
        for name in use:
            found = self._names_of(name)
            if not found:
                known = ', '.join([*self.levels, *self.blocks])
                raise ValueError(f'unknown feature {name!r}; known: {known}')
            wanted.update(found)
        if not wanted:
            raise ValueError('use must name at least one feature, got none')
        return [name for name in self.blocks if name in wanted]

    def columns(self, use: Iterable[str]) -> list[tuple[int, int]]:
        """Return where the blocks meant lie: half-open, merged, ascending."""
        wanted, start = set(self.names(use)), 0
        spans: list[tuple[int, int]] = []
        for name, count in self.blocks.items():
            stop = start + count
            if name in wanted:
                if spans and spans[-1][1] == start:
                    start = spans.pop()[0]
                spans.append((start, stop))
            start = stop
        return spans

    def size(self, *use: str) -> int:
        """Return how many columns the blocks meant have; of all, if none."""
        names: Sequence[str] = self.names(use) if use else list(self.blocks)
        return sum(self.blocks[name] for name in names)
