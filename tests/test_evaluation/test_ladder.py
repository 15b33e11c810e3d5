"""A ladder of three steps by hand; orders, groups and refusals."""

import csv
import io

import pytest

from zoo.errors import UserError
from zoo.evaluation import write_record
from zoo.evaluation.documents import render_file
from zoo.evaluation.ladder import make_ladders
from zoo.evaluation.reading import read_results
from zoo.evaluation.tables import render_sheets


@pytest.fixture
def steps(make_record):
    """Return three methods of two seeds: 40 and 42, 60 and 64, 50 and 66.

    All images are alike, so that intervals are over the seeds alone.
    """
    scores = {'low': (40, 42), 'high': (60, 64), 'mixed': (50, 72)}
    records = []
    for name, values in scores.items():
        for seed, value in enumerate(values):
            records.append(
                make_record(
                    config=f'a/{name}',
                    seed=seed,
                    classes=['cat'],
                    metrics=dict.fromkeys(('mIoU', 'aAcc', 'mAcc'), value),
                    per_class={'IoU': {'cat': value}, 'Acc': {'cat': value}},
                    per_image={
                        n: [[0, value, value, 100]] for n in ('i', 'j')
                    },
                )
            )
    return records


def test_each_row_says_what_it_adds_to_the_one_above(steps):
    (ladder,) = make_ladders(steps, ['a/low', 'a/high', 'a/mixed'])
    assert render_sheets([ladder], format='md') == (
        '**minivoc val, step by step**\n'
        '\n'
        '| method | mIoU | pixel acc | mean acc | difference '
        '| 95 % interval | step | seeds |\n'
        '| :-- | --: | --: | --: | --: | --: | --: | --: |\n'
        '| a/low | 41.00 ± 1.41 | 41.0 ± 1.4 | 41.0 ± 1.4 | — | — | — '
        '| 0, 1 |\n'
        '| a/high | 62.00 ± 2.83 | 62.0 ± 2.8 | 62.0 ± 2.8 | +21.00 ± 1.41 '
        '| 20.00 .. 22.00 | better | 0, 1 |\n'
        '| a/mixed | 61.00 ± 15.56 | 61.0 ± 15.6 | 61.0 ± 15.6 '
        '| -1.00 ± 12.73 | -10.00 .. 8.00 | undecided | 0, 1 |\n'
        '\n'
        '- Difference to the row above, its spread over seeds, and its '
        'interval from 1000 paired draws of images and seeds.\n'
    )


def test_the_order_is_the_one_given(steps):
    (ladder,) = make_ladders(steps, ['a/mixed', 'a/low'])
    (_, rows) = ladder.sections[0]
    assert [row[0] for row in rows] == ['a/mixed', 'a/low']
    assert rows[1][4:7] == ['-20.00 ± 14.14', '-30.00 .. -10.00', 'worse']
    (ladder,) = make_ladders(reversed(steps))
    names = [row[0] for row in ladder.sections[0][1]]
    assert names == ['a/mixed', 'a/high', 'a/low']


def test_one_seed_has_no_spread(steps):
    (ladder,) = make_ladders(steps[::2])
    assert ladder.sections[0][1][1][4] == '+20.00'


def test_csv_has_a_line_per_row(steps):
    text = render_sheets(make_ladders(steps), format='csv')
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [row['step'] for row in rows] == ['—', 'better', 'undecided']
    assert {row['table'] for row in rows} == {'minivoc val, step by step'}
    assert rows[1]['95 % interval'] == '20.00 .. 22.00'


def test_terminal_shows_it_too(steps):
    text = render_sheets(make_ladders(steps), format='table', width=120)
    assert 'better' in text
    assert '+21.00 ± 1.41' in text


def test_kinds_and_splits_have_ladders_of_their_own(steps, make_record):
    other = [
        make_record('boxes', config=f'a/{name}') for name in ('low', 'high')
    ]
    alone = make_record('tags', config='a/low')
    ladders = make_ladders([*steps, *other, alone], ['a/low', 'a/high'])
    assert [ladder.title for ladder in ladders] == [
        'minivoc val, step by step',
        'minivoc val, boxes, step by step',
    ]
    headers = ladders[1].header
    assert headers[:3] == ['method', 'box IoU', 'hit 0.5']


def test_a_label_chooses_among_the_rows_of_a_config(steps):
    four, two = (
        [record | {'views': views} for record in steps[:2]] for views in (4, 2)
    )
    message = r"Name one of them: 'a/low \(4 views\)', 'a/low \(2 views\)'\."
    with pytest.raises(
        UserError, match=f'^a/low: has several rows. {message}'
    ):
        make_ladders([*four, *two, *steps[2:]], ['a/low', 'a/high'])
    (ladder,) = make_ladders([*steps, *four], ['a/low', 'a/low (4 views)'])
    assert ladder.sections[0][1][1][4] == '+0.00 ± 0.00'


@pytest.mark.parametrize(
    ('leaves', 'message'),
    [
        (['a/low', 'a/hihg'], r'a/hihg: there is no record of it'),
        (['a/low'], r'needs two methods .*, got a/low\. Name another'),
    ],
)
def test_refuses_in_one_line(leaves, message, steps):
    with pytest.raises(UserError, match=message) as error:
        make_ladders(steps, leaves)
    assert '\n' not in str(error.value)


def test_refuses_steps_that_cannot_be_compared(steps):
    steps[2]['per_image'] = {'i': [[0, 1, 1, 1]], 'k': [[0, 1, 1, 1]]}
    with pytest.raises(UserError, match='have different images'):
        make_ladders(steps)


def test_a_block_holds_a_ladder(steps, tmp_path):
    for i, record in enumerate(steps):
        write_record(tmp_path / f'minivoc/{i}.json', record)
    results = read_results(sorted(tmp_path.glob('minivoc/*.json')))
    page = tmp_path / 'README.md'
    block = '<!-- ladder: minivoc {} {{}} -->\n'
    name = block.format('a/high a/low')
    page.write_text(name.format('start') + name.format('end'))
    text = render_file(page, results)
    assert text.index('| a/high |') < text.index('| a/low |')
    assert '| -22.00 .. -20.00 | worse |' in text
    name = block.format('a/high a/none')
    page.write_text(name.format('start') + name.format('end'))
    with pytest.raises(
        UserError,
        match=r"README\.md: ladder block 'minivoc a/high a/none': a/none: th",
    ):
        render_file(page, results)
