"""The search over the kernel of the CRF."""

import json
from itertools import product

import numpy as np
import pytest
from PIL import Image
from support import LEAF

from zoo.engine.refining import trials
from zoo.engine.refining.search import CRFSearch, choose
from zoo.engine.refining.space import NAMES, space_of
from zoo.errors import UserError
from zoo.models.post_processors import DenseCRF
from zoo.ops.dense_crf import dense_crf

SPACE = {
    'bilateral_weight': (1.0, 5.0, 2.0),
    'bilateral_xy_std': (3.0,),
    'bilateral_rgb_std': (5.0, 25.0, 10.0),
}


def make(place, out=None, space=SPACE, **options):
    """Return a search over the images of the folder."""
    given = {'photos': str(place.photos), 'labels': str(place.labels)}
    return CRFSearch(
        place.leaf,
        probs=place.probs,
        out=out or place.out,
        space=space_of('v1', space),
        **given | options,
    )


def lines(path):
    """Return the entries of a file of trials."""
    return [json.loads(line) for line in path.read_text().splitlines()[1:]]


def expected(place, by_hand, names, setting):
    """Return the mean IoU of a setting, worked out image by image."""
    pairs = []
    for name in names:
        probs, photo, labels = by_hand.arrays(place, name)
        if setting is not None:
            options = by_hand.crf | dict(zip(NAMES, setting, strict=True))
            probs = dense_crf(probs, photo, **options)
        pairs.append((probs.argmax(0), labels))
    return by_hand.mean_iou(pairs)


def test_scores_are_those_of_a_loop_over_images(place, by_hand):
    result = make(place).search()
    assert result.images == list(by_hand.names)
    for setting, score in [*result.scores.items(), result.stated]:
        wanted = expected(place, by_hand, by_hand.names, setting)
        assert score == pytest.approx(wanted), setting
    wanted = expected(place, by_hand, by_hand.names, None)
    assert result.without == pytest.approx(wanted)
    assert result.stated[0] == (4.0, 6.0, 10.0)
    assert result.scores[result.best] == max(result.scores.values())
    assert result.options['gaussian_weight'] == 0.5
    assert [result.options[name] for name in NAMES] == list(result.best)


def follow(place, monkeypatch, score):
    """Search on a surface of our own; return settings by stage, the best."""
    by_chain = {}

    def begin(self, chain):
        by_chain[len(by_chain)] = chain
        return len(by_chain) - 1

    def mean_iou(self, ticket):
        chain = by_chain[ticket]
        return score(*(chain[0][n] for n in NAMES)) if chain else 0.0

    monkeypatch.setattr(trials.Crowd, 'begin', begin)
    monkeypatch.setattr(trials.Crowd, 'mean_iou', mean_iou)
    result = make(place, space=None).search()
    stages = {}
    for entry in lines(place.out / 'trials.jsonl'):
        setting = tuple(entry[name] for name in NAMES)
        stages.setdefault(entry['stage'], []).append(setting)
    return stages, result.best


def test_coarse_then_fine_then_half_a_step(place, monkeypatch):
    def bowl(weight, xy_std, rgb_std):
        return -abs(weight - 6.6) - abs(xy_std - 86) - abs(rgb_std - 8.4)

    stages, best = follow(place, monkeypatch, bowl)
    assert list(stages) == ['start', 'coarse', 'fine', 'finest']
    assert stages['start'] == [(None, None, None), (4.0, 6.0, 10.0)]
    wanted = list(product((5, 7, 9), (50, 70, 90), (3, 5, 7, 9)))
    assert stages['coarse'] == wanted
    # around (7, 90, 9), then around (7, 90, 8); none of them twice
    near = [*product((6, 7, 8), (80, 90, 100), (8, 9, 10))]
    then = [*product((6, 7, 8), (80, 90, 100), (7, 8, 9))]
    once = [x for x in dict.fromkeys(near + then) if x not in wanted]
    assert stages['fine'] == once
    last = product((6.5, 7, 7.5), (85, 90, 95), (7.5, 8, 8.5))
    known = {*wanted, *once}
    assert stages['finest'] == [x for x in last if x not in known]
    assert best == (6.5, 85, 8.5)


def test_of_equals_the_first_is_kept(place, monkeypatch):
    _, best = follow(place, monkeypatch, lambda *_: 50.0)
    assert best == (5, 50, 3)


@pytest.mark.slow
def test_the_number_of_workers_changes_nothing(place):
    one = make(place, place.root / 'one').search()
    two = make(place, place.root / 'two', workers=2).search()
    many = make(place, place.root / 'many', workers=3, images=2).search()
    assert one == two
    files = [place.root / n / 'trials.jsonl' for n in ('one', 'two')]
    assert files[0].read_bytes() == files[1].read_bytes()
    assert len(many.images) == 2


def test_goes_on_where_it_was_stopped(place, monkeypatch):
    whole = make(place, place.root / 'whole').search()
    text = (place.root / 'whole/trials.jsonl').read_text()
    kept = text.splitlines()[:6]
    place.out.mkdir()
    half = '\n'.join(kept) + '\n{"stage": "coarse", "bil'
    (place.out / 'trials.jsonl').write_text(half)
    scored = []
    real = trials.Trials._add

    def add(self, stage, setting, miou):
        scored.append(setting)
        real(self, stage, setting, miou)

    monkeypatch.setattr(trials.Trials, '_add', add)
    assert make(place).search() == whole
    assert len(scored) == len(text.splitlines()) - len(kept)
    assert (place.out / 'trials.jsonl').read_text() == text
    scored.clear()
    assert make(place).search() == whole
    assert scored == []


@pytest.mark.parametrize('lost', ['bilateral_weight', 'miou'])
def test_a_trial_without_a_key_is_damage(place, lost):
    make(place).search()
    path = place.out / 'trials.jsonl'
    head, *rest = map(json.loads, path.read_text().splitlines())
    del rest[-1][lost]
    path.write_text('\n'.join(map(json.dumps, [head, *rest])) + '\n')
    with pytest.raises(UserError, match=r'trials.jsonl: damaged. Delete it'):
        make(place).search()


def test_a_missing_label_map_is_refused(place):
    (place.labels / 'b.png').unlink()
    with pytest.raises(UserError, match=r'b.png: no label map of'):
        make(place).search()


def test_every_trial_is_on_the_disk_when_the_next_begins(place, monkeypatch):
    real, found = trials.Trials._add, []

    def add(self, stage, setting, miou):
        found.append(len(lines(place.out / 'trials.jsonl')))
        real(self, stage, setting, miou)

    monkeypatch.setattr(trials.Trials, '_add', add)
    make(place).search()
    assert found == list(range(len(found)))
    assert len(found) > 6


def test_another_search_in_the_folder_is_refused(place):
    make(place).search()
    wider = SPACE | {'bilateral_xy_std': (3.0, 13.0)}
    option = 'model.post_processors.0.gaussian_weight=1.0'
    for change, key in (
        ({'images': 3}, 'images'),
        ({'space': wider}, 'space'),
        ({'options': [option]}, 'chain'),
    ):
        with pytest.raises(UserError, match=f"another value of '{key}'"):
            make(place, **change).search()
    for folder in (place.probs, place.labels, place.photos):
        path = next(folder.glob('c.*'))
        before = path.read_bytes()
        path.write_bytes(next(folder.glob('a.*')).read_bytes())
        with pytest.raises(UserError, match="another value of 'files'"):
            make(place).search()
        path.write_bytes(before)


def test_the_leaf_may_take_over_what_was_found(place):
    result = make(place).search()
    options = [
        f'model.post_processors.0.{name}={value}'
        for name, value in zip(NAMES, result.best, strict=True)
    ]
    again = make(place, options=options).search()
    assert again.scores == result.scores
    assert again.stated == (result.best, result.scores[result.best])


def test_images_are_chosen_at_random_and_the_same_again():
    names = [f'{i:03d}' for i in range(200)]
    some = choose(names, 100, 0)
    assert some == sorted(set(some))
    assert len(some) == 100
    assert choose(names[::-1], 100, 0) == some
    assert choose(names, 100, 1) != some
    assert some != names[:100]
    assert choose(names, 500, 7) == names
    with pytest.raises(UserError, match='--images must be at least 1, got 0'):
        choose(names, 0, 0)
    with pytest.raises(UserError, match='--seed must be at least 0, got -1'):
        choose(names, 5, -1)


def test_files_that_are_not_fit_end_the_search_in_one_line(place):
    with pytest.raises(UserError, match='has no labels to score against'):
        make(place, labels=None)
    path = place.probs / 'b.npy'
    good = path.read_bytes()
    path.write_bytes(good[:200])
    with pytest.raises(UserError, match=r'b.npy: cut short'):
        make(place).search()
    path.write_bytes(good)
    np.save(path, np.full((4, 16, 20), 0.25))
    with pytest.raises(UserError, match=r'b.npy: has 4 classes, .*a.npy 3'):
        make(place).search()
    path.write_bytes(good)
    np.save(path, np.log(np.load(path).astype(np.float32)))
    with pytest.raises(UserError, match=r'b.npy: .*apply softmax'):
        make(place).search()


def test_labels_of_void_alone_are_refused(place):
    for path in place.labels.iterdir():
        Image.fromarray(np.full((16, 20), 255, np.uint8)).save(path)
    with pytest.raises(UserError, match='hold void only'):
        make(place).search()


@pytest.mark.parametrize('count', [0, 2])
def test_wants_one_crf_in_the_chain(place, count):
    crf = "dict(type='DenseCRF', preset='DeepLab')"
    other = "dict(type='Identity')"
    chain = ', '.join([crf] * count or [other])
    place.leaf.write_text(f'# One.\nmodel = dict(post_processors=[{chain}])\n')
    if count == 0:
        from mmseg.registry import MODELS
        from torch import nn

        MODELS.register_module('Identity', force=True, module=nn.Identity)
    with pytest.raises(UserError, match=f'has {count} DenseCRF, wanted one'):
        make(place)


def test_says_where_the_leaf_is_tested_on_the_same_images(
    place, mini_root, capsys, monkeypatch
):
    for name in ('val_0000', 'val_0001'):
        probs = np.full((12, 121, 161), 1 / 12, np.float32)
        np.save(place.probs / f'{name}.npy', probs)
    place.leaf = LEAF
    given = {'photos': None, 'labels': None}
    make(place, **given, data_root=str(mini_root))
    assert 'report no score' not in capsys.readouterr().out
    (place.root / 'data').mkdir()
    (place.root / 'data/minivoc').symlink_to(mini_root)
    monkeypatch.chdir(place.root)
    make(place, **given)
    assert 'report no score' in capsys.readouterr().out


def test_a_preset_of_the_leaf_is_overridden(place):
    chain = "dict(type='DenseCRF', preset='DeepLab-v2-ResNet-101')"
    place.leaf.write_text(f'# One.\nmodel = dict(post_processors=[{chain}])\n')
    search = make(place, images=1)
    (crf,) = search._chain((5.0, 50.0, 3.0))
    assert 'preset' not in crf
    result = search.search()
    assert result.stated[0] == (4.0, 67.0, 3.0)
    assert result.options['gaussian_xy_std'] == 1
    assert DenseCRF(**result.options).options == result.options
