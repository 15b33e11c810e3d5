"""Published ablations beside the same ones measured: did they hold here?"""

import csv
import io
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from zoo.errors import UserError

from .claim_choice import leaves_of
from .claims import Claim, Pair
from .comparison import Difference, compare
from .kinds import KINDS
from .records import read_record
from .sheets import NONE, Notes, Sheet
from .tables import render_sheets

VERDICTS = {
    'better': 'reproduced',
    'worse': 'not reproduced',
    'undecided': 'undecided',
}
NO_RECORD = 'no record'
CSV_HEADER = (
    'claim',
    'group',
    'metric',
    'published_better',
    'published_worse',
    'source',
    'better',
    'worse',
    'difference',
    'low',
    'high',
    'spread',
    'seeds',
    'verdict',
)


@dataclass(frozen=True)
class Finding:
    """What the records of one data set say of a claim.

    ``verdict`` is 'reproduced' where the 95 % interval of the difference is
    above zero, 'not reproduced' where it is below, 'undecided' where it holds
    zero, and 'no record' where there is none of the leaves ``missing``, or
    where their records cannot be compared: ``problem`` says why.
    """

    claim: Claim
    pair: Pair
    difference: Difference | None
    missing: tuple[str, ...] = ()
    problem: str = ''

    @property
    def verdict(self) -> str:
        """Say whether it held."""
        if self.difference is None:
            return NO_RECORD
        return VERDICTS[self.difference.verdict]


def read_leaves(
    folder: Path, claims: Iterable[Claim]
) -> tuple[list[dict], list[str]]:
    """Read the records of the leaves of claims, counts per image included.

    Args:
        folder: With the records of one data set, named by leaf and seed.
        claims: Of which all leaves are looked for.

    Returns:
        The records, and a line about each that cannot be read.
    """
    records: list[dict] = []
    problems: list[str] = []
    for leaf in leaves_of(claims, folder.name):
        name = leaf.replace('/', '__')
        # with more behind the seed it is of other weights, or of views
        for path in sorted(folder.glob(f'{name}_seed*.json')):
            if re.fullmatch(rf'{re.escape(name)}_seed\d+', path.stem):
                _read(path, records, problems)
    return records, problems


def _read(path: Path, records: list[dict], problems: list[str]) -> None:
    try:
        records.append(read_record(path))
    except UserError as error:
        problems.append(str(error))


def judge(
    claims: Iterable[Claim], dataset: str, records: Sequence[dict]
) -> list[Finding]:
    """Compare the two leaves of every claim on a data set.

    Args:
        claims: Those that name no leaves for the data set are left out.
        dataset: Short name, like 'minivoc'.
        records: With their counts per image. Those of several views do not
            count; of several records of a leaf and seed the newest does.
    """
    newest: dict[str, dict[int | None, dict]] = {}
    for record in sorted(records, key=lambda r: r['date']):
        plain = record['views'] == 1 and 'multi_view' not in record
        if record['dataset'] == dataset and plain:
            newest.setdefault(record['config'], {})[record['seed']] = record
    return [
        _judged(claim, claim.runs[dataset], newest)
        for claim in claims
        if dataset in claim.runs
    ]


def _judged(
    claim: Claim, pair: Pair, newest: dict[str, dict[int | None, dict]]
) -> Finding:
    leaves = (pair.better, pair.worse)
    missing = tuple(leaf for leaf in leaves if leaf not in newest)
    if missing:
        return Finding(claim, pair, None, missing=missing)
    better, worse = (list(newest[leaf].values()) for leaf in leaves)
    try:
        difference = compare(better, worse, claim.metric)
    except UserError as error:
        return Finding(claim, pair, None, problem=str(error))
    return Finding(claim, pair, difference)


def render_claims(
    findings: Sequence[Finding], dataset: str, *, format: str = 'table'
) -> str:
    """Return the report for a terminal ('table'), as 'md' or as 'csv'."""
    if format == 'csv':
        return claims_csv(findings)
    sheet = claims_sheet(findings, dataset)
    return f'{render_sheets([sheet], format=format)}\n{_counts(findings)}\n'


def claims_sheet(findings: Sequence[Finding], dataset: str) -> Sheet:
    """Lay out a report: a row per claim, a section per paper.

    The published difference has its data set and source as a note; it is of
    other data than the measured one, and only the directions compare.
    """
    notes = Notes()
    sections: dict[str, list[list[str]]] = {}
    for finding in findings:
        row = _row(finding, notes)
        sections.setdefault(finding.claim.group, []).append(row)
    header = [
        'claim',
        'metric',
        'published',
        f'measured on {dataset}',
        '95 % interval',
        'over seeds',
        'seeds',
        'verdict',
    ]
    sheet = Sheet(f'Claims, {dataset}', header, list(sections.items()))
    sheet.notes = notes.lines()
    return sheet


def claims_csv(findings: Sequence[Finding]) -> str:
    """Return a line per claim, with unrounded numbers."""
    file = io.StringIO()
    writer = csv.writer(file, lineterminator='\n')
    writer.writerow(CSV_HEADER)
    for finding in findings:
        claim, found = finding.claim, finding.difference
        rows = claim.published
        numbers = [rows.better.value, rows.worse.value] if rows else ['', '']
        line = [claim.name, claim.group, claim.metric, *numbers, claim.source]
        line += [finding.pair.better, finding.pair.worse]
        if found is None:
            line += [''] * 5
        else:
            figures = (found.mean, found.low, found.high, found.spread)
            line += ['' if x is None else round(x, 4) for x in figures]
            line.append(found.seeds)
        writer.writerow([*line, finding.verdict])
    return file.getvalue()


def _counts(findings: Sequence[Finding]) -> str:
    """Count the verdicts in one line."""
    counts = {
        verdict: sum(finding.verdict == verdict for finding in findings)
        for verdict in (*VERDICTS.values(), NO_RECORD)
    }
    words = [f'{n} {verdict}' for verdict, n in counts.items() if n]
    return f'{len(findings)} claims: {", ".join(words)}'


def _row(finding: Finding, notes: Notes) -> list[str]:
    claim, found = finding.claim, finding.difference
    head = [claim.says, _metric_header(claim.metric), _published(claim, notes)]
    if found is None:
        missing = f'No record of {", ".join(finding.missing)}.'
        mark = notes.mark(finding.problem or missing)
        return [*head, NONE, NONE, NONE, NONE, f'{NO_RECORD}{mark}']
    spread = NONE if found.spread is None else f'± {found.spread:.2f}'
    return [
        *head,
        f'{found.mean:+.2f}',
        f'{found.low:+.2f} .. {found.high:+.2f}',
        spread,
        str(found.seeds),
        finding.verdict,
    ]


def _published(claim: Claim, notes: Notes) -> str:
    if claim.published is None:
        return NONE + notes.mark(f'No number is printed: {claim.source}.')
    row = claim.published.better
    mark = notes.mark(f'{row.dataset} {row.split}: {claim.source}.')
    return f'{claim.published.difference:+.2f}{mark}'


def _metric_header(metric: str) -> str:
    """Return a record's metric as tables call it."""
    return next(
        kind.metrics[metric].header
        for kind in KINDS.values()
        if metric in kind.metrics
    )
