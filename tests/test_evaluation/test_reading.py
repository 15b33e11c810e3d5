"""Many records at once, good and bad ones."""

import gc
import json

import numpy as np
import pytest

from zoo.evaluation import summarise, write_record
from zoo.evaluation.comparison import image_digest
from zoo.evaluation.kinds import KINDS
from zoo.evaluation.pixel_table import PixelTable, from_rows
from zoo.evaluation.reading import read_results
from zoo.evaluation.record_text import decode_record
from zoo.evaluation.resampling import replicates


def many(make_record, tmp_path):
    """Write more records than a batch holds, of kinds and sizes in turn."""
    records = []
    for i in range(70):
        kind = list(KINDS)[i % 4] if i > 40 else 'semantic'
        record = make_record(kind, config=f'a/{i:02}')
        if kind == 'semantic':
            rows = [[0, i, i + 1, 90], [1, 3, 50, i + 3]]
            names = [f'i{j}' for j in range(3 + (i > 35))]
            record['per_image'] = dict(
                zip(names, [rows, [], rows], strict=False)
            )
            record['per_image'] |= dict.fromkeys(names[3:], rows[1:])
            record['images'] = len(names)
        write_record(tmp_path / 'x' / f'{i:02}.json', record)
        records.append(record)
    return records


def test_replicates_stand_in_the_place_of_the_images(make_record, tmp_path):
    written = many(make_record, tmp_path)
    results = read_results(sorted(tmp_path.glob('x/*.json')))
    assert results.problems == []
    assert len(results.records()) == len(written) == 70
    for record, read in zip(written, results.records(), strict=True):
        images = record.pop('per_image')
        expected = replicates(
            record | {'per_image': images}, KINDS[record['kind']].rank
        )
        drawn = read.pop('replicates')
        assert (drawn.dtype, drawn.shape) == (np.float32, (1000,))
        np.testing.assert_allclose(drawn, expected, rtol=1e-6)
        assert read.pop('image_digest') == image_digest(images)
        assert read == record
    assert gc.isenabled()


def test_a_summary_is_the_same_with_and_without_the_images(
    make_record, tmp_path
):
    written = many(make_record, tmp_path)
    results = read_results(sorted(tmp_path.glob('x/*.json')))
    for full, light in zip(
        summarise(written), summarise(results.records()), strict=True
    ):
        assert light.interval == pytest.approx(full.interval, rel=1e-5)


def test_a_record_without_images_has_no_interval(make_record, tmp_path):
    record = make_record(images=0, per_image={})
    write_record(tmp_path / 'a.json', record)
    (read,) = read_results([tmp_path / 'a.json']).records()
    assert 'replicates' not in read
    assert summarise([read])[0].interval is None
    assert summarise([record])[0].interval is None


def cut(text, place):
    return text[: text.index(place)]


def with_rows(rows):
    """Return a change of a record's text: the rows of its first image."""
    return lambda text: text.replace('[[0,1,2,1],[1,1,1,2]]', rows)


BAD = {
    'cut in the middle': lambda text: text[: len(text) // 2],
    'cut within the images': lambda text: cut(text, '[1,1,1,2]'),
    'cut within a name': lambda text: cut(text, 'b": []'),
    'cut before its last brace': lambda text: text.rstrip()[:-1],
    'empty': lambda text: '',
    'foreign': lambda text: '{"info": {}, "images": [], "annotations": []}',
    'a list': lambda text: f'[{text}]',
    'a number': lambda text: '3',
    'two records': lambda text: text + text,
    'not a number': with_rows('[[0,NaN,2,1]]'),
    'infinite': with_rows('[[0,1e999,2,1]]'),
    'string': with_rows('[[0,"1",2,1]]'),
    'true': with_rows('[[0,true,2,1]]'),
    'null': with_rows('[[0,null,2,1]]'),
    'a fraction': with_rows('[[0,1.5,2,1]]'),
    'negative': with_rows('[[0,-1,2,1]]'),
    'a class too many': with_rows('[[2,1,2,1]]'),
    'more right than there are': with_rows('[[0,3,2,1]]'),
    'a class twice': with_rows('[[0,1,2,1],[0,1,2,1]]'),
    'a short row': with_rows('[[0,1,2]]'),
    'a long row': with_rows('[[0,1,2,1,1]]'),
    'rows that add up': with_rows('[[0,1,2],[1,1,1,1,1]]'),
    'a row too deep': with_rows('[[[0,1,2,1]]]'),
    'no row': with_rows('[0,1,2,1]'),
    'no list': with_rows('{"a": [0,1,2,1]}'),
    'too large': with_rows(f'[[0,1,{10**30},1]]'),
    'much too large': with_rows(f'[[0,1,{10**400},1]]'),
    'images are a list': lambda text: text.replace(
        text[text.index('"per_image": {') :], '"per_image": []}'
    ),
}


@pytest.mark.parametrize('how', BAD)
def test_a_bad_record_is_one_line_and_the_rest_is_read(
    how, make_record, tmp_path
):
    write_record(tmp_path / 'a.json', make_record())
    text = (tmp_path / 'a.json').read_text()
    changed = BAD[how](text)
    assert changed != text
    (tmp_path / 'b.json').write_text(changed)
    write_record(tmp_path / 'c.json', make_record())
    results = read_results(tmp_path / f'{name}.json' for name in 'abc')
    assert len(results.records()) == 2
    (problem,) = results.problems
    assert problem.startswith(f'{tmp_path / "b.json"}: not a run record (')
    assert '\n' not in problem
    if 'per_image' in problem:
        assert 'PixelTable' not in problem


@pytest.mark.parametrize(
    'content',
    [b'\xff\xfe\x00', b'{"schema": 1, "kind": "semantic", "x": "\xff"}'],
)
def test_bytes_that_are_no_text_are_one_line(content, tmp_path):
    (tmp_path / 'a.json').write_bytes(content)
    (problem,) = read_results([tmp_path / 'a.json']).problems
    assert 'a.json: not a run record (' in problem
    assert '\n' not in problem


def test_a_missing_file_and_a_folder_are_one_line(tmp_path):
    results = read_results([tmp_path / 'none.json', tmp_path])
    assert [p.partition(': ')[2][:14] for p in results.problems] == [
        'cannot be read',
        'cannot be read',
    ]


@pytest.mark.parametrize(
    ('kind', 'rows'),
    [
        ('instance', [[0, 1, [[0.5]]]]),
        ('instance', [[0, 1, [['x', [0.5]]]]]),
        ('instance', [[0, 2, [[0.5, [0.5]]]]]),
        ('instance', [[5, 0, []]]),
        ('boxes', [[0, 4, 'x', 3]]),
        ('boxes', [[0, 4, 5.5, 3]]),
        ('tags', [[0, 2, 0.5]]),
        ('tags', [[0, 1]]),
    ],
)
def test_other_kinds_are_checked_too(kind, rows, make_record, tmp_path):
    record = make_record(kind)
    record['per_image']['a'] = rows
    (tmp_path / 'a.json').write_text(json.dumps(record))
    (problem,) = read_results([tmp_path / 'a.json']).problems
    assert "a.json: not a run record ('per_image' holds something" in (
        problem
    ) or ("a.json: not a run record (image 'a'" in problem)


def test_an_error_names_the_image(make_record, tmp_path):
    record = make_record(per_image={'a': [], 'b': [[0, 'x', 2, 1]]})
    (tmp_path / 'a.json').write_text(json.dumps(record))
    (problem,) = read_results([tmp_path / 'a.json']).problems
    assert (
        "lists of [class, tp, predicted, labelled] for 'b': Expected `int`, "
        'got `str`' in problem
    )


@pytest.mark.parametrize('indent', [None, 2])
def test_a_table_comes_from_text_without_lists(indent, make_record):
    images = {
        'b 1': [[0, 10, 20, 30], [1, 0, 0, 4444]],
        'a[2]': [],
        'c"{': [[1, 7, 8, 9]],
    }
    record = make_record(per_image=images, images=3)
    text = json.dumps(record, indent=indent).encode()
    table = decode_record(text, lists=False)['per_image']
    assert isinstance(table, PixelTable)
    assert list(table) == ['a[2]', 'b 1', 'c"{']
    assert table.numbers.tolist() == [0, 2, 1]
    assert table.rows.tolist() == [*images['b 1'], *images['c"{']]
    assert table.image().tolist() == [1, 1, 2]
    same = from_rows(images)
    np.testing.assert_array_equal(same.rows, table.rows)
    assert decode_record(text)['per_image'] == images
    none = from_rows({'a': [], 'b': []})
    assert (len(none), none.rows.shape) == (2, (0, 4))
    empty = json.dumps(make_record(per_image={'a': [], 'b': []})).encode()
    assert decode_record(empty, lists=False)['per_image'].rows.shape == (0, 4)


def test_a_record_that_states_an_unknown_row_is_named(make_record, tmp_path):
    row = {
        'method': 'DeepLab-CRF-LargeFow',
        'dataset': 'VOC2012',
        'split': 'val',
        'metric': 'mIoU',
    }
    write_record(tmp_path / 'good.json', make_record())
    write_record(tmp_path / 'bad.json', make_record(published=[row]))
    results = read_results([tmp_path / 'bad.json', tmp_path / 'good.json'])
    [problem] = results.problems
    assert problem.startswith(f'{tmp_path / "bad.json"}: ')
    assert "nearest method is 'DeepLab-CRF-LargeFOV'" in problem
    assert len(results.records()) == 1
