"""Records survive a round trip; anything else is refused in one line."""

import json
import math

import pytest
from example_records import RECORD

from zoo.errors import UserError
from zoo.evaluation import read_record, write_record
from zoo.evaluation.records import PUBLISHED_KEYS


def test_round_trip(make_record, tmp_path):
    path = tmp_path / 'new' / 'a.json'
    write_record(path, make_record())
    assert read_record(path) == make_record()
    assert [p.name for p in path.parent.iterdir()] == ['a.json']


def test_every_image_has_one_line(make_record, tmp_path):
    write_record(tmp_path / 'a.json', make_record())
    lines = (tmp_path / 'a.json').read_text().splitlines()
    assert '    "a": [[0,1,2,1],[1,1,1,2]],' in lines
    assert '    "b": []' in lines
    assert '  "dataset": "minivoc",' in lines


def test_nan_becomes_null(make_record, tmp_path):
    record = make_record(
        metrics={'mIoU': math.nan, 'aAcc': 1.0, 'mAcc': 2.0},
    )
    write_record(tmp_path / 'a.json', record)
    assert read_record(tmp_path / 'a.json')['metrics']['mIoU'] is None


def test_unknown_parts_may_be_null(make_record, tmp_path):
    record = make_record(
        checkpoint=None, timing=None, training=None, seed=None, commit=None
    )
    write_record(tmp_path / 'a.json', record)
    assert read_record(tmp_path / 'a.json') == record


def test_parts_that_were_trained_apart_are_kept(make_record, tmp_path):
    record = make_record()
    record['checkpoint']['assembled_from'] = ['crf/unary', 'crf/pairwise']
    write_record(tmp_path / 'a.json', record)
    assert read_record(tmp_path / 'a.json') == record


def test_a_failed_write_leaves_the_old_file(make_record, tmp_path):
    path = tmp_path / 'a.json'
    write_record(path, make_record())
    with pytest.raises(ValueError, match="'seed' is a str"):
        write_record(path, make_record(seed='0'))
    with pytest.raises(TypeError):
        write_record(path, make_record(argv=[object()]))
    assert read_record(path) == make_record()
    assert len(list(tmp_path.iterdir())) == 1


def test_a_failed_rename_leaves_no_temporary_file(make_record, tmp_path):
    (tmp_path / 'a.json').mkdir()
    with pytest.raises(UserError, match=r'a\.json'):
        write_record(tmp_path / 'a.json', make_record())
    assert [path.name for path in tmp_path.iterdir()] == ['a.json']


def test_refuses_a_truncated_file(make_record, tmp_path):
    path = tmp_path / 'a.json'
    write_record(path, make_record())
    whole = path.read_text()
    for length in (0, 1, len(whole) // 2, len(whole) - 3):
        path.write_text(whole[:length])
        with pytest.raises(UserError, match=r'a\.json: not a run record'):
            read_record(path)


@pytest.mark.parametrize(
    'text', ['[]', '{}', 'null', '3', '{"coco": 1}', 'NaN', '[' * 100_000]
)
def test_refuses_foreign_json(text, tmp_path):
    path = tmp_path / 'a.json'
    path.write_text(text)
    with pytest.raises(UserError, match=r'a\.json: not a run record') as e:
        read_record(path)
    assert '\n' not in str(e.value)


def test_refuses_bytes_that_are_no_text(tmp_path):
    (tmp_path / 'a.json').write_bytes(b'\xff\xfe\x00')
    with pytest.raises(UserError, match='not a run record'):
        read_record(tmp_path / 'a.json')


def test_refuses_a_missing_file(tmp_path):
    with pytest.raises(UserError, match=r'a\.json: cannot be read'):
        read_record(tmp_path / 'a.json')


@pytest.mark.parametrize(
    ('change', 'message'),
    [
        ({'schema': 2}, 'schema 2, this version reads 1'),
        ({'kind': 'panoptic'}, "unknown kind 'panoptic'"),
        ({'images': 3}, "'images' is 3, 'per_image' holds 2"),
        ({'images': True}, "'images' is a bool"),
        ({'views': 0}, 'views is 0'),
        ({'multi_view': [1.0]}, "'multi_view' needs scales, flip, shifts"),
        ({'multi_view': {'scales': [1.0]}}, r"got \{'scales': \[1\.0\]\}"),
        ({'classes': ['cat']}, "'IoU' in 'per_class'"),
        ({'metrics': {'mIoU': 1.0, 'aAcc': 1.0}}, "no key 'mAcc'"),
        (
            {'metrics': {'mIoU': 101, 'aAcc': 1, 'mAcc': 1}},
            'metrics: 101 is not a per cent',
        ),
        ({'checkpoint': {'file': 'x'}}, "no key 'sha256' in 'checkpoint'"),
        (
            {'checkpoint': {'file': '', 'sha256': '', 'assembled_from': 'a'}},
            "'assembled_from' in 'checkpoint' is 'a', no list of names",
        ),
        (
            {'checkpoint': {'file': '', 'sha256': '', 'assembled_from': [1]}},
            r"'assembled_from' in 'checkpoint' is \[1\], no list",
        ),
        ({'timing': {'hardware': 'x'}}, "no key 'ms_per_image'"),
        (
            {'timing': {**RECORD['timing'], 'ms_per_image': None}},
            "'ms_per_image' in 'timing' is None, no number",
        ),
        (
            {'multi_view': {'scales': None, 'flip': True, 'shifts': []}},
            "'multi_view' needs scales, flip, shifts",
        ),
        (
            {'published': [dict.fromkeys(PUBLISHED_KEYS, 3)]},
            "'published' needs method, dataset, split, metric",
        ),
        ({'per_image': {'a': [], 'b': 1}}, 'something else than lists'),
        ({'published': [{'method': 'x'}]}, "'published' needs method"),
    ],
)
def test_refuses_wrong_values(change, message, make_record, tmp_path):
    path = tmp_path / 'a.json'
    path.write_text(json.dumps(make_record(**change)))
    with pytest.raises(UserError, match=message):
        read_record(path)


def test_refuses_each_missing_key(make_record, tmp_path):
    path = tmp_path / 'a.json'
    for key in make_record():
        record = make_record()
        del record[key]
        path.write_text(json.dumps(record))
        with pytest.raises(UserError, match=f"no key '{key}'"):
            read_record(path)


@pytest.mark.parametrize('kind', ['instance', 'boxes', 'tags'])
def test_other_kinds_round_trip(kind, make_record, tmp_path):
    record = make_record(kind, checkpoint=None, parameters=None)
    write_record(tmp_path / 'a.json', record)
    assert read_record(tmp_path / 'a.json') == record


def test_only_instances_need_rules(make_record, tmp_path):
    for kind in ('semantic', 'boxes', 'tags'):
        assert 'rules' not in make_record(kind)
        write_record(tmp_path / 'a.json', make_record(kind))
    record = make_record('instance')
    del record['rules']
    with pytest.raises(ValueError, match="no key 'rules'"):
        write_record(tmp_path / 'a.json', record)


@pytest.mark.parametrize(
    ('kind', 'key', 'name', 'value', 'message'),
    [
        ('instance', 'rules', 'void', None, "no key 'void' in 'rules'"),
        ('instance', 'rules', 'ap', 'x', "ap must be one of .*, got 'x'"),
        ('instance', 'rules', 'ap', ['x'], r"ap must be .*, got \['x'\]"),
        ('instance', 'metrics', 'AP_0.7', None, "no key 'AP_0.7' in 'met"),
        ('instance', 'metrics', 'AP_vol', 101, 'metrics: 101 is not a per'),
        ('instance', 'per_class', 'AP_vol', None, "no key 'AP_vol' in 'per"),
        ('instance', 'per_class', 'AP_vol', {}, "'AP_vol' in 'per_class'"),
        ('boxes', 'metrics', 'hit_0.5', None, "no key 'hit_0.5' in 'metri"),
        ('boxes', 'per_class', 'hit_0.5', {}, "'hit_0.5' in 'per_class'"),
        ('tags', 'metrics', 'mAP', None, "no key 'mAP' in 'metrics'"),
        ('tags', 'per_class', 'AP', {}, "'AP' in 'per_class'"),
    ],
)
def test_refuses_wrong_values_of_other_kinds(
    kind, key, name, value, message, make_record, tmp_path
):
    record = make_record(kind)
    record[key][name] = value
    if value is None:
        del record[key][name]
    with pytest.raises(ValueError, match=message):
        write_record(tmp_path / 'a.json', record)


def test_a_record_of_one_kind_is_none_of_another(make_record, tmp_path):
    with pytest.raises(ValueError, match=r"no key 'AP_0\.5' in 'metrics'"):
        write_record(
            tmp_path / 'a.json',
            make_record(per_image={}, images=0) | {'kind': 'instance'},
        )
    with pytest.raises(ValueError, match=r"lists of \[class, truths, .* 'a'"):
        write_record(tmp_path / 'a.json', make_record() | {'kind': 'instance'})
    with pytest.raises(ValueError, match="'rules' is a list, not dict"):
        write_record(tmp_path / 'a.json', make_record('instance', rules=[]))
