"""The search over the numbers of the grouping."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from support import ROOT

from zoo.engine.grouping_search import GroupingSearch
from zoo.engine.testing import TestOptions, evaluate
from zoo.errors import UserError
from zoo.evaluation.region_ap import average_precision

FCRN = ROOT / 'configs/fcrn'


def test_search_finds_what_scores_best(leaves, mini_root, monkeypatch):
    monkeypatch.chdir(leaves.parents[1])
    search = GroupingSearch(
        leaves / 'truth_minivoc.py', data_root=str(mini_root), images=4
    )
    assert list(search.look()) == [1, 2, 3, 4]
    taken = search.loader.dataset.get_data_info
    names = [Path(taken(i)['img_path']).stem for i in range(4)]
    assert names == ['train_0000', 'train_0002', 'train_0003', 'train_0005']
    grid = {'min_pixels': (4, 400), 'top_n': (1,)}
    trials = search.search(grid=grid)
    assert [t.options.get('min_pixels') for t in trials][-1] == 400
    scores = [t.scores['AP_0.5'] for t in trials]
    assert scores == sorted(scores, reverse=True)
    assert scores[0] > 90 > scores[-1]
    assert trials[0].scores == search.score(trials[0].options)


@pytest.mark.parametrize('metric', ['AP_0.5', 'AP_0.7'])
def test_one_number_is_changed_at_a_time_and_the_best_is_kept(
    leaves, mini_root, monkeypatch, capsys, metric
):
    """Twice around; what was tried, as the leaf says too, is not again."""
    monkeypatch.chdir(leaves.parents[1])
    path = leaves / 'truth_minivoc.py'  # whose box_iou is 0.3
    search = GroupingSearch(path, data_root=str(mini_root), images=1)
    assert 'the leaf is tested on these' not in capsys.readouterr().out
    other = {'AP_0.5': 'AP_0.7', 'AP_0.7': 'AP_0.5'}[metric]
    first = {0.3: 10, 0.5: 20, 0.6: 15}
    then = {(0.5, 1): 30, (0.5, 3): 5, (0.3, 1): 25, (0.6, 1): 40}

    def score(options):
        box_iou, top_n = options.get('box_iou', 0.3), options.get('top_n')
        value = then.get((box_iou, top_n), 0) if top_n else first[box_iou]
        return {metric: float(value), other: -float(value)}

    monkeypatch.setattr(search, 'score', score)
    told = []
    trials = search.search(
        metric=metric,
        grid={'box_iou': (0.3, 0.5, 0.6), 'top_n': (1, 3)},
        told=lambda trial: told.append(trial.options),
    )
    assert told == [
        {},
        {'box_iou': 0.5},
        {'box_iou': 0.6},
        {'box_iou': 0.5, 'top_n': 1},
        {'box_iou': 0.5, 'top_n': 3},
        {'box_iou': 0.3, 'top_n': 1},
        {'box_iou': 0.6, 'top_n': 1},
        {'box_iou': 0.6, 'top_n': 3},
    ]
    found = [trial.scores[metric] for trial in trials]
    assert found == [40, 30, 25, 20, 15, 10, 5, 0]


@pytest.mark.parametrize('void', ['count', 'remove'])
def test_search_removes_void_pixels_where_the_test_does(
    leaves, mini_root, monkeypatch, void
):
    monkeypatch.chdir(leaves.parents[1])
    search = GroupingSearch(
        leaves / 'truth_minivoc.py',
        data_root=str(mini_root),
        images=1,
        options=[f'test_evaluator.void={void}'],
    )
    list(search.look())
    (seen,) = search.seen
    numbers = seen.truth['gt_instance_map']['data'][0]
    path = mini_root / 'SegmentationObject/train_0000.png'
    with Image.open(path) as image:
        assert np.array_equal(numbers == 255, np.array(image) == 255)
    assert (numbers == 255).any()
    before = search.score({})['AP_0.7']
    assert before > 0
    numbers[::2] = 255  # under half of what was found, and will be again
    after = search.score({})['AP_0.7']
    assert after == (0 if void == 'count' else pytest.approx(before))


def test_search_takes_the_weights_that_are_named(leaves, monkeypatch):
    monkeypatch.chdir(leaves.parents[1])
    path = leaves / 'truth_minivoc.py'
    with pytest.raises(UserError, match=r'no\.pth'):
        GroupingSearch(path, 'no.pth')


def test_search_scores_like_the_test(leaves, mini_root, monkeypatch, capsys):
    monkeypatch.chdir(leaves.parents[1])
    path = leaves / 'truth_minivoc.py'
    search = GroupingSearch(
        path, data_root=str(mini_root), split='val', images=3
    )
    assert '--split val: the leaf is tested on' in capsys.readouterr().out
    list(search.look())
    record = evaluate(path, None, TestOptions(data_root=str(mini_root)))
    found = search.score({})
    assert found == pytest.approx(
        {name: record['metrics'][name] for name in found}
    )
    rows = record['per_image'].values()
    again = average_precision(list(rows))
    assert again['AP_0.5']['mean'] == pytest.approx(found['AP_0.5'])


def test_search_refuses_what_has_no_grouping(tmp_path):
    with pytest.raises(UserError, match='no grouping to search'):
        GroupingSearch(FCRN / 'r18-k3d6_minivoc.py')
    with pytest.raises(UserError, match='images must be at least 1'):
        GroupingSearch(FCRN / 'true-instances_minivoc.py', images=0)
    with pytest.raises(UserError, match='no such split'):
        GroupingSearch(Path(FCRN / 'true-instances_minivoc.py'), split='tst')
