"""A method's metafile.yml, in OpenMMLab's model-index convention."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import yaml  # type: ignore[import-untyped]

from zoo.errors import UserError

from .kinds import KINDS
from .summaries import Summary, summarise
from .yaml_file import read_yaml

_HEADER = (
    '# Written by tools/leaderboard.py --write from docs/results and\n'
    '# collection.yml; edit those instead.\n'
)


def render_metafile(folder: Path, records: Iterable[dict]) -> str:
    """Return the text of ``folder``/metafile.yml.

    Args:
        folder: configs/<method>, with the leaves and ``collection.yml``: the
            Name, Paper {Title, URL, Year} and other facts that no record
            holds, as they shall stand under Collections.
        records: Run records; those of other methods are left aside.

    Returns:
        YAML with every leaf as a model; a leaf without records has no
        Results. Scores are means over seeds; each run stands under Runs.

    Raises:
        UserError: If ``collection.yml`` is missing or incomplete, or a record
            of this method has no leaf.
    """
    collection = _collection(folder / 'collection.yml')
    method = folder.name
    summaries = summarise(
        r for r in records if r['config'].split('/')[0] == method
    )
    leaves = sorted({f'{method}/{p.stem}' for p in folder.glob('*.py')})
    for summary in summaries:
        if summary.config not in leaves:
            raise UserError(
                f'{folder}: has no leaf for the record of {summary.config}. '
                'Restore the leaf, or correct or delete the record.'
            )
    readme = {'README': f'configs/{method}/README.md'}
    index = {
        'Collections': [{**collection, **readme}],
        'Models': [
            _model(
                leaf,
                collection['Name'],
                [s for s in summaries if s.config == leaf],
            )
            for leaf in leaves
        ],
    }
    return _HEADER + yaml.dump(
        index, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=79
    )


class _Dumper(yaml.SafeDumper):
    """Repeats values that are equal instead of referring to the first."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def _collection(path: Path) -> dict[str, Any]:
    facts = read_yaml(path, 'State Name and Paper {Title, URL} there.')
    if not isinstance(facts, dict) or not {'Name', 'Paper'} <= set(facts):
        raise UserError(f'{path}: needs the keys Name and Paper. Add them.')
    return facts


def _model(
    leaf: str, collection: str, summaries: list[Summary]
) -> dict[str, Any]:
    model: dict[str, Any] = {
        'Name': leaf,
        'In Collection': collection,
        'Config': f'configs/{leaf}.py',
    }
    if summaries:
        first = summaries[0]
        model['Metadata'] = {
            'Training Data': first.dataset,
            'Parameters': first.parameters,
            'Iterations': first.iterations,
        }
        model['Results'] = [_result(summary) for summary in summaries]
    return model


def _result(summary: Summary) -> dict[str, Any]:
    metrics = {
        name: None if stat is None else round(stat.mean, 2)
        for name, stat in summary.metrics.items()
    }
    extra = summary.label.removeprefix(summary.config).strip(' ()')
    return {
        'Task': KINDS[summary.kind].task,
        'Dataset': f'{summary.dataset} {summary.split}',
        **({'Variant': extra} if extra else {}),
        'Metrics': metrics,
        'Runs': summary.runs,
    }
