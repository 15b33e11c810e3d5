"""Kinds of run records: what each scores, and how it is shown."""

from collections.abc import Mapping
from dataclasses import dataclass, field

# How a score was reckoned, where that is open: each choice and what a label
# says of it. The first ones are the rules of SDS, which need no word.
RULES = {
    'matching': {'uncovered': '', 'any': 'matching any truth'},
    'ap': {'all-point': '', '11-point': '11-point AP'},
    'void': {'count': '', 'remove': 'void pixels removed'},
}


@dataclass(frozen=True)
class Column:
    """A metric of a record, as tables show it.

    ``name`` is that of published_results.csv, ``header`` a table's.
    """

    name: str
    header: str
    decimals: int


@dataclass(frozen=True)
class Kind:
    """What the records of one kind have in common.

    ``metrics`` is by a record's name; the first one ranks. ``per_class`` are
    the names of those by class, of which tables show the first: as
    ``class_name``/<class> in published_results.csv, as ``class_header`` in
    titles. ``word`` chooses the kind in a results block, ``suffix`` ends the
    titles of its tables, ``task`` is the metafile's.
    """

    word: str
    suffix: str
    task: str
    metrics: dict[str, Column]
    per_class: tuple[str, ...]
    class_name: str
    class_header: str
    rules: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    @property
    def rank(self) -> str:
        """The metric that ranks, as a record names it."""
        return next(iter(self.metrics))


KINDS = {
    'semantic': Kind(
        word='semantic',
        suffix='',
        task='Semantic Segmentation',
        metrics={
            'mIoU': Column('mIoU', 'mIoU', 2),
            'aAcc': Column('pixel_acc', 'pixel acc', 1),
            'mAcc': Column('mean_acc', 'mean acc', 1),
        },
        per_class=('IoU', 'Acc'),
        class_name='IoU',
        class_header='IoU',
    ),
    'instance': Kind(
        word='instances',
        suffix=', instances',
        task='Instance Segmentation',
        metrics={
            'AP_0.5': Column('mAP_r@0.5', 'AP^r 0.5', 2),
            'AP_0.7': Column('mAP_r@0.7', 'AP^r 0.7', 1),
            'AP_vol': Column('mAP_r_vol', 'AP^r vol', 1),
        },
        per_class=('AP_0.5', 'AP_0.7', 'AP_vol'),
        class_name='AP_r@0.5',
        class_header='AP^r 0.5',
        rules=RULES,
    ),
    'boxes': Kind(
        word='boxes',
        suffix=', boxes',
        task='Box Regression',
        metrics={
            'box_IoU': Column('mean_box_IoU', 'box IoU', 2),
            'hit_0.5': Column('box_hit@0.5', 'hit 0.5', 1),
        },
        per_class=('box_IoU', 'hit_0.5'),
        class_name='box_IoU',
        class_header='box IoU',
    ),
    'tags': Kind(
        word='tags',
        suffix=', tags',
        task='Multi-Label Classification',
        metrics={'mAP': Column('mean_tag_AP', 'mean tag AP', 2)},
        per_class=('AP',),
        class_name='tag_AP',
        class_header='tag AP',
    ),
}
WORDS = {kind.word: name for name, kind in KINDS.items()}
# What precedes the class in the published name of a score by class.
CLASS_PREFIXES = tuple(f'{kind.class_name}/' for kind in KINDS.values())


def check_rules(rules: Mapping[str, object]) -> None:
    """Refuse a choice that ``RULES`` does not have.

    Raises:
        ValueError: Naming the rule, its choices and the value.
    """
    for name, value in rules.items():
        if value not in list(RULES[name]):
            raise ValueError(
                f'{name} must be one of {", ".join(RULES[name])}, got '
                f'{value!r}'
            )
