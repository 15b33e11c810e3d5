"""The block 'trimap' of a record: kept as it is, or refused in one line."""

import copy
import math

import pytest
from example_records import TRIMAP

from zoo.errors import UserError
from zoo.evaluation import read_record, write_record


def changed(*path, value):
    """Return a block with one value replaced."""
    block = copy.deepcopy(TRIMAP)
    place = block
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value
    return block


@pytest.mark.parametrize(
    'block',
    [
        TRIMAP,
        changed('raw', value=None),
        changed('final', 'mIoU', 0, value=100),
        changed('more', value='kept'),
    ],
)
def test_round_trip(block, make_record, tmp_path):
    record = make_record(trimap=block)
    write_record(tmp_path / 'a.json', record)
    assert read_record(tmp_path / 'a.json') == record


def test_a_record_without_it_is_as_before(make_record, tmp_path):
    write_record(tmp_path / 'a.json', make_record())
    assert 'trimap' not in (tmp_path / 'a.json').read_text()
    assert read_record(tmp_path / 'a.json') == make_record()


@pytest.mark.parametrize(
    ('block', 'message'),
    [
        (None, "'trimap': Expected `object`, got `null`"),
        ({}, "'trimap': Object missing required field `widths`"),
        (changed('widths', value=[]), 'length >= 1'),
        (changed('widths', value=[0, 1, 2]), r'>= 1.*widths'),
        (changed('widths', value=[1, 1, 2]), r'do not rise: \[1, 1, 2\]'),
        (changed('widths', value=[2, 1, 3]), r'do not rise: \[2, 1, 3\]'),
        (changed('widths', value=[1.5, 2, 3]), 'Expected `int`'),
        (changed('final', value=None), 'Expected `object`, got `null`.*final'),
        (changed('final', 'mIoU', value=[1.0]), '3 widths, but 1 of mIoU'),
        (changed('raw', 'aAcc', value=[1.0] * 4), '3 .* and 4 of aAcc'),
        (changed('raw', 'aAcc', 1, value=101.0), '<= 100.*raw.aAcc'),
        (changed('raw', 'aAcc', 1, value=-1), '>= 0.*raw.aAcc'),
        (changed('final', 'mIoU', 1, value=math.nan), 'final.mIoU'),
        (changed('final', value={'mIoU': [1, 2, 3]}), 'field `aAcc`'),
    ],
)
def test_refuses(block, message, make_record, tmp_path):
    path = tmp_path / 'a.json'
    with pytest.raises(ValueError, match=message):
        write_record(path, make_record(trimap=block))
    assert not path.exists()


def test_a_file_is_named(make_record, tmp_path):
    path = tmp_path / 'a.json'
    write_record(path, make_record(trimap=TRIMAP))
    path.write_text(path.read_text().replace('"final"', '"finish"'))
    with pytest.raises(UserError, match=r"a\.json: not a run record \('trim"):
        read_record(path)
