"""Runs of one config over several seeds, brought together."""

import statistics
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from zoo.errors import UserError

from .kinds import KINDS
from .resampling import mean_interval, replicates


@dataclass(frozen=True)
class Stat:
    """Mean of ``count`` runs; ``std`` divides by n - 1, None for one run."""

    mean: float
    std: float | None
    count: int


@dataclass(frozen=True)
class Summary:
    """What the runs of one config on one split have in common.

    ``metrics`` and ``per_class`` are laid out as in a record, with a ``Stat``
    in per cent, or None, for each value. ``interval`` is that of the mean of
    the metric that ranks, images and seeds drawn anew (95 %, see
    ``zoo.evaluation.resampling``). ``ms_per_image`` is the mean of the runs
    that were timed on the ``hardware`` of the newest, ``training_hours`` that
    of the runs whose training time is known. ``rules`` says in
    words how scores were reckoned, where not as usual. ``variant`` tells rows
    of one config apart; it is empty where there is only one.
    """

    kind: str
    config: str
    variant: str
    title: str
    dataset: str
    split: str
    views: str
    rules: str
    classes: list[str]
    metrics: dict[str, Stat | None]
    per_class: dict[str, dict[str, Stat | None]]
    interval: tuple[float, float] | None
    seeds: list[int | None]
    parameters: int | None
    ms_per_image: float | None
    hardware: str | None
    training_hours: float | None
    iterations: int | None
    published: list[dict[str, str]]
    runs: list[dict[str, Any]]

    @property
    def label(self) -> str:
        """The config, and what sets this row apart from its others."""
        return self._called(self.views, self.rules, self.variant)

    @property
    def short_label(self) -> str:
        """As ``label``, without the rules."""
        return self._called(self.views, self.variant)

    def _called(self, *parts: str) -> str:
        extra = ', '.join(part for part in parts if part)
        return f'{self.config} ({extra})' if extra else self.config


def summarise(records: Iterable[dict]) -> list[Summary]:
    """Average over seeds the records of the same config, data set and split.

    Of records that score the same checkpoint under the same config the newest
    counts. Where a seed still occurs twice, the runs differ in more than
    their seed: they are split by checkpoint file, else by checkpoint, else by
    config hash, and each part is a row. Kinds of records, multi-view tests
    and rules of a score are rows of their own.

    Raises:
        UserError: If records of one row disagree about the classes.
    """
    return [summary for summary, _ in summarise_rows(records)]


def summarise_rows(
    records: Iterable[dict],
) -> list[tuple[Summary, list[dict]]]:
    """Return each of ``summarise`` with its records, by rising seed."""
    groups = _group(
        records,
        lambda r: (
            *(r[key] for key in ('kind', 'config', 'dataset', 'split')),
            _views(r),
            _rules(r),
        ),
    )
    return [
        (_summary(part, variant), part)
        for group in groups.values()
        for variant, part in _parts(_newest(group)).items()
    ]


def _group(
    records: Iterable[dict], key: Callable[[dict], Any]
) -> dict[Any, list[dict]]:
    groups = defaultdict(list)
    for record in records:
        groups[key(record)].append(record)
    return groups


def _newest(records: Iterable[dict]) -> list[dict]:
    groups = _group(
        records, lambda r: (r['seed'], _sha256(r), r['config_hash'])
    )
    newest = [max(g, key=lambda r: r['date']) for g in groups.values()]
    return sorted(newest, key=lambda r: (r['seed'] is None, r['seed'] or 0))


def _parts(records: list[dict]) -> dict[str, list[dict]]:
    if not _repeats_a_seed(records):
        return {'': records}
    for name in (_file, _short_sha256, _short_hash):
        parts = _group(records, name)
        if not any(_repeats_a_seed(part) for part in parts.values()):
            return parts
    return _group(records, lambda r: f'{_short_sha256(r)}, {_short_hash(r)}')


def _repeats_a_seed(records: Sequence[dict]) -> bool:
    return len({r['seed'] for r in records}) < len(records)


def _views(record: dict) -> str:
    """Say in words which views were averaged; nothing for a single one."""
    which, number = record.get('multi_view'), record['views']
    if which is None:
        return f'{number} views' if number > 1 else ''
    scales = ' '.join(f'{scale:g}' for scale in which['scales'])
    words = [f'{number} views' if number > 1 else '1 view', f'scales {scales}']
    words += ['mirrored'] if which['flip'] else []
    shifts = ' '.join(f'{dy},{dx}' for dy, dx in which['shifts'])
    words += [f'shifts {shifts}'] if shifts != '0,0' else []
    return ', '.join(words)


def _rules(record: dict) -> str:
    """Say in words how the score was reckoned, where not as SDS does."""
    rules = KINDS[record['kind']].rules
    words = [says[record['rules'][name]] for name, says in rules.items()]
    return ', '.join(word for word in words if word)


def _sha256(record: dict) -> str | None:
    checkpoint = record['checkpoint']
    return checkpoint and checkpoint['sha256']


def _file(record: dict) -> str:
    checkpoint = record['checkpoint']
    return checkpoint['file'] if checkpoint else 'no checkpoint'


def _short_sha256(record: dict) -> str:
    return f'checkpoint {(_sha256(record) or "none")[:7]}'


def _short_hash(record: dict) -> str:
    return f'config {record["config_hash"][:7]}'


def _summary(records: list[dict], variant: str) -> Summary:
    first = records[0]
    kind = KINDS[first['kind']]
    if any(r['classes'] != first['classes'] for r in records):
        raise UserError(
            f'{first["config"]}: its records on {first["dataset"]} disagree '
            'about the classes. Test it again with one version of the data.'
        )
    milliseconds, hardware = _timing(records)
    training = first['training'] or {}
    published = [row for r in records for row in r['published']]
    return Summary(
        **{
            key: first[key]
            for key in ('kind', 'config', 'title', 'dataset', 'split')
        },
        views=_views(first),
        rules=_rules(first),
        classes=first['classes'],
        variant=variant,
        metrics={
            m: _stat(r['metrics'][m] for r in records) for m in kind.metrics
        },
        per_class={
            m: {
                name: _stat(r['per_class'][m][name] for r in records)
                for name in first['classes']
            }
            for m in kind.per_class
        },
        interval=_interval(records),
        seeds=[r['seed'] for r in records],
        parameters=first['parameters'],
        ms_per_image=milliseconds,
        hardware=hardware,
        training_hours=_training_hours(records),
        iterations=training.get('iterations'),
        published=[
            row for i, row in enumerate(published) if row not in published[:i]
        ],
        runs=[_run(r) for r in records],
    )


def _stat(values: Iterable[float | None]) -> Stat | None:
    known = [value for value in values if value is not None]
    if not known:
        return None
    return Stat(
        statistics.fmean(known),
        statistics.stdev(known) if len(known) > 1 else None,
        len(known),
    )


def _interval(records: Sequence[dict]) -> tuple[float, float] | None:
    """Return that of the mean of the metric that ranks, over all seeds."""
    if not all('replicates' in r or r.get('per_image') for r in records):
        return None
    try:
        return mean_interval([_replicates(record) for record in records])
    except ValueError as error:
        raise UserError(
            f'{records[0]["config"]}: its counts per image are wrong '
            f'({error}). Test it again.'
        ) from error


def _replicates(record: dict) -> np.ndarray:
    if 'replicates' in record:
        return record['replicates']
    return replicates(record, KINDS[record['kind']].rank)


def _training_hours(records: Sequence[dict]) -> float | None:
    times = [(record['training'] or {}).get('seconds') for record in records]
    known = [seconds for seconds in times if seconds is not None]
    return statistics.fmean(known) / 3600 if known else None


def _timing(records: list[dict]) -> tuple[float | None, str | None]:
    timed = [r for r in records if r['timing']]
    if not timed:
        return None, None
    hardware = _hardware(max(timed, key=lambda r: r['date'])['timing'])
    same = [
        r['timing']['ms_per_image']
        for r in timed
        if _hardware(r['timing']) == hardware
    ]
    return statistics.fmean(same), hardware


def _hardware(timing: dict) -> str:
    threads = timing['threads']
    unit = 'thread' if threads == 1 else 'threads'
    return f'{timing["hardware"]} ({timing["device"]}, {threads} {unit})'


def _run(record: dict) -> dict[str, Any]:
    rank = KINDS[record['kind']].rank
    return {
        'Seed': record['seed'],
        rank: record['metrics'][rank],
        'Commit': record['commit'],
        'Checkpoint SHA256': _sha256(record),
        'Config SHA256': record['config_hash'],
        'Date': record['date'],
    }
