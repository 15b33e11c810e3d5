"""Parts that were trained apart become one checkpoint, or one line."""

import hashlib

import pytest
import torch

from zoo.engine.assembly import assemble
from zoo.engine.checkpoint import load_plain
from zoo.errors import UserError

CLASSES = {'classes': ('sky', 'sea'), 'palette': [[0, 0, 0], [1, 1, 1]]}


@pytest.fixture
def save(tmp_path):
    """Return a function that writes a part as a training would."""

    def save(name, state, **meta):
        meta = {'seed': 3, 'cfg': 'a = 1', **meta}
        path = tmp_path / name
        content = {
            'meta': {k: v for k, v in meta.items() if v is not None},
            'state_dict': state,
            'optimizer': {'state': {0: torch.zeros(1000)}},
        }
        torch.save(content, path)
        return path

    return save


def test_weights_are_those_of_the_parts_and_the_history_is_joined(
    save, tmp_path
):
    first = save(
        'iter_5.pth',
        {'unary.w': torch.tensor([1.0, 2.0]), 'scale': torch.tensor(7)},
        iter=5,
        train_seconds=2.5,
        hardware='Abacus',
        dataset_meta=CLASSES,
    )
    second = save(
        'iter_9.pth',
        {'pair.w': torch.tensor([[3.0]]), 'scale': torch.tensor(7)},
        iter=9,
        train_seconds=4.0,
        hardware='Enigma',
        dataset_meta={**CLASSES, 'palette': None},
    )
    names = ('crf/unary', 'crf/pair')
    out = assemble([first, second], tmp_path / 'new/all.pth', names=names)
    content = load_plain(out)
    assert set(content) == {'meta', 'state_dict'}
    state = {k: v.tolist() for k, v in content['state_dict'].items()}
    assert state == {'unary.w': [1.0, 2.0], 'scale': 7, 'pair.w': [[3.0]]}
    digests = [
        hashlib.sha256(p.read_bytes()).hexdigest() for p in (first, second)
    ]
    assert content['meta'] == {
        'seed': 3,
        'iter': 9,
        'train_seconds': 6.5,
        'hardware': 'Abacus, Enigma',
        'dataset_meta': CLASSES,
        'assembled_from': [
            {
                'file': f'iter_{number}.pth',
                'sha256': digest,
                'iter': number,
                'leaf': name,
            }
            for number, digest, name in zip(
                (5, 9), digests, names, strict=True
            )
        ],
    }
    assert out.stat().st_size < 4000, 'holds more than the weights'


def test_bare_weights_and_those_who_know_less_join_in(save, tmp_path):
    bare = tmp_path / 'bare.pth'
    torch.save({'a': torch.ones(1)}, bare)
    late = save('late.pth', {'b': torch.ones(1)}, iter=0, hardware='Abacus')
    same = save('same.pth', {'c': torch.ones(1)}, seed=3, hardware='Abacus')
    content = load_plain(assemble([bare, late, same], tmp_path / 'all.pth'))
    assert set(content['state_dict']) == {'a', 'b', 'c'}
    origins = content['meta'].pop('assembled_from')
    assert [set(o) - {'file', 'sha256'} for o in origins] == [
        set(),
        {'iter'},
        set(),
    ]
    assert content['meta'] == {'seed': 3, 'iter': 0, 'hardware': 'Abacus'}


def test_a_whole_that_cannot_be_written_has_a_remedy_of_its_own(
    save, tmp_path
):
    """There is nothing to resume."""
    part = save('a.pth', {'a': torch.ones(1)})
    with pytest.raises(UserError, match='cannot be written') as caught:
        assemble([part], part / 'all.pth')
    assert caught.value.line.endswith('then give the same command again')


@pytest.mark.parametrize(
    'other',
    [
        torch.tensor([1.0, 3.0]),
        torch.tensor([1, 2]),
        torch.tensor([1.0]),
        torch.tensor([[1.0, 2.0]]),
    ],
)
def test_a_weight_that_two_parts_hold_must_be_the_same(save, tmp_path, other):
    """A third part in between must not hide who held it first."""
    parts = [
        save('a.pth', {'w': torch.tensor([1.0, 2.0])}),
        save('b.pth', {'v': torch.ones(1), 'w': torch.tensor([1.0, 2.0])}),
        save('c.pth', {'w': other}),
    ]
    with pytest.raises(UserError, match=r'c\.pth: w has .* than in .*a\.pth'):
        assemble(parts, tmp_path / 'all.pth')
    assert not (tmp_path / 'all.pth').exists()


@pytest.mark.parametrize(
    ('change', 'message'),
    [
        ({'seed': 4}, r'c\.pth: was trained with seed 4, .*a\.pth with 3\. '),
        (
            {'dataset_meta': {'classes': ('sky', 'tree')}},
            r"c\.pth: was trained with classes \('sky', 'tree'\), .*a\.pth",
        ),
    ],
)
def test_parts_of_two_networks_are_refused(save, tmp_path, change, message):
    parts = [
        save('a.pth', {'a': torch.ones(1)}, dataset_meta=CLASSES),
        save('b.pth', {'b': torch.ones(1)}, seed=None),
        save('d.pth', {'d': torch.ones(1)}, dataset_meta=CLASSES),
        save('c.pth', {'c': torch.ones(1)}, **change),
    ]
    with pytest.raises(UserError, match=message) as caught:
        assemble(parts, tmp_path / 'all.pth')
    assert '\n' not in caught.value.line


def test_classes_are_compared_to_the_last_one(save, tmp_path):
    """Though a message shows only the first of many."""
    many = [f'class {number}' for number in range(99)]
    metas = [{'classes': [*many, last]} for last in ('cat', 'dog')]
    parts = [
        save(f'{i}.pth', {f'{i}': torch.ones(1)}, dataset_meta=metas[i])
        for i in range(2)
    ]
    with pytest.raises(UserError) as caught:
        assemble(parts, tmp_path / 'all.pth')
    assert len(caught.value.line) < 400 + 2 * len(str(tmp_path))


@pytest.mark.parametrize(
    'content',
    [[1], {}, {'state_dict': {}}, {'state_dict': 3}, {'w': [1.0]}],
)
def test_a_file_without_weights_is_refused(save, tmp_path, content):
    torch.save(content, tmp_path / 'odd.pth')
    parts = [save('a.pth', {'a': torch.ones(1)}), tmp_path / 'odd.pth']
    with pytest.raises(UserError, match=r'odd\.pth: holds no dict of weights'):
        assemble(parts, tmp_path / 'all.pth')


def test_a_part_that_is_missing_damaged_or_given_twice(save, tmp_path):
    part, out = save('a.pth', {'a': torch.ones(1)}), tmp_path / 'all.pth'
    copy = tmp_path / 'copy.pth'
    copy.write_bytes(part.read_bytes())
    with pytest.raises(UserError, match=r'copy\.pth: is the same as .*a\.pth'):
        assemble([part, copy], out)
    copy.write_bytes(part.read_bytes()[:-50])
    with pytest.raises(UserError, match=r'copy\.pth: damaged'):
        assemble([part, copy], out)
    with pytest.raises(UserError, match=r'no\.pth: no such checkpoint'):
        assemble([part, tmp_path / 'no.pth'], out)
    with pytest.raises(ValueError, match='zip'):
        assemble([part], out, names=['one', 'two'])
    assert not out.exists()


def test_the_parts_must_make_up_the_model(save, tmp_path):
    """Weight and bias of one convolution, in two files."""
    model = {
        'type': 'FCNHead',
        'in_channels': 1,
        'channels': 1,
        'num_convs': 0,
        'concat_input': False,
        'num_classes': 3,
        'loss_decode': {'type': 'CrossEntropyLoss', 'avg_non_ignore': True},
    }
    weight = save('a.pth', {'conv_seg.weight': torch.ones(3, 1, 1, 1)})
    bias = save('b.pth', {'conv_seg.bias': torch.ones(3)})
    extra = save('c.pth', {'other': torch.ones(2)})
    out = tmp_path / 'all.pth'
    with pytest.raises(
        UserError,
        match=r'a\.pth: does not fit .*conv_seg\.bias is missing\. Give one',
    ):
        assemble([weight], out, model=model)
    with pytest.raises(
        UserError, match=r'a\.pth \+ .*c\.pth: .*other is left over'
    ):
        assemble([weight, bias, extra], out, model=model)
    assert not out.exists()
    assert assemble([weight, bias], out, model=model) == out
    assert len(load_plain(out)['state_dict']) == 2
