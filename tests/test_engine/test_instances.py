"""Instances from training to pictures: two small networks and a grouping."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from mmengine.structures import InstanceData, PixelData
from mmseg.structures import SegDataSample
from PIL import Image
from pycocotools import mask as coco
from support import ROOT

from zoo.engine.config import load_config
from zoo.engine.experiment import TrainOptions, train
from zoo.engine.grouping_search import GroupingSearch
from zoo.engine.instance_pictures import (
    draw_instances,
    enlargement,
    true_instances,
    write_instances,
)
from zoo.engine.prediction import predict
from zoo.engine.testing import TestOptions, evaluate
from zoo.engine.weights import find_checkpoint
from zoo.errors import UserError
from zoo.evaluation import read_record, render, summarise, write_record
from zoo.evaluation.region_ap import average_precision

FCRN = ROOT / 'configs/fcrn'
NARROW = (
    'model = dict(backbone=dict(base_channels=2, stem_channels=2), '
    'decode_head=dict(in_channels=16))\n'
    'train_cfg = dict(max_iters=2, val_interval=2)\n'
    'param_scheduler = []\n'
    'train_dataloader = dict(batch_size=2, num_workers=0, '
    'persistent_workers=False)\n'
    'val_dataloader = dict(num_workers=0, persistent_workers=False)\n'
    'test_dataloader = val_dataloader\n'
)
ONE_PROCESS = (
    'test_dataloader = dict(num_workers=0, persistent_workers=False)\n'
)
PARTS = {'semantic': 'm/classes_minivoc', 'localisation': 'm/boxes_minivoc'}


def write_leaf(folder, name, base, text):
    base = str(FCRN / f'{base}_minivoc.py')
    path = folder / f'{name}_minivoc.py'
    path.write_text(f'# {name}.\n_base_ = {base!r}\n{text}')
    return path


@pytest.fixture(scope='module')
def project(tmp_path_factory):
    """A folder with small leaves: two networks, their instances, oracles."""
    folder = tmp_path_factory.mktemp('user') / 'configs/m'
    folder.mkdir(parents=True)
    write_leaf(folder, 'classes', 'r18-k3d6', NARROW)
    write_leaf(folder, 'boxes', 'r18-boxes', NARROW)
    parts = f'assembled_from = dict({_words(PARTS)})\n{ONE_PROCESS}'
    write_leaf(folder, 'whole', 'r18-instances', parts)
    one = f"_delete_=True, semantic='{PARTS['semantic']}'"
    oracle = f'assembled_from = dict({one})\n{ONE_PROCESS}'
    write_leaf(folder, 'oracle', 'r18-true-boxes', oracle)
    write_leaf(folder, 'truth', 'true-instances', ONE_PROCESS)
    return folder


def _words(parts):
    return ', '.join(f'{name}={leaf!r}' for name, leaf in parts.items())


@pytest.fixture(scope='module')
def trained(project, mini_root):
    """The folder above, both networks trained for two iterations."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(project.parents[1])
        for name in ('classes', 'boxes'):
            options = TrainOptions(data_root=str(mini_root))
            train(project / f'{name}_minivoc.py', options)
    return project


@pytest.fixture
def there(trained, monkeypatch):
    monkeypatch.chdir(trained.parents[1])
    return trained


def test_a_leaf_of_parts_gets_their_models(project):
    config = load_config(project / 'whole_minivoc.py')
    classes = load_config(project / 'classes_minivoc.py')
    assert config.model.semantic.type == 'PostProcessedEncoderDecoder'
    assert config.model.localisation.type == 'BoxRegressor'
    assert config.model.semantic.backbone == classes.model.backbone
    preprocessing = config.model.semantic.data_preprocessor
    assert preprocessing == classes.data_preprocessor


def test_what_the_leaf_says_of_a_part_goes_before_its_own(project):
    parts = f'assembled_from = dict({_words(PARTS)})\n'
    text = 'model = dict(semantic=dict(decode_head=dict(dilation=3)))\n'
    path = write_leaf(project, 'stated', 'r18-instances', parts + text)
    head = load_config(path).model.semantic.decode_head
    assert (head.dilation, head.in_channels) == (3, 16)


def test_options_reach_a_part(project):
    config = load_config(
        project / 'whole_minivoc.py',
        options=['model.semantic.backbone.base_channels=4'],
    )
    assert config.model.semantic.backbone.base_channels == 4


def test_a_part_that_is_no_leaf_is_named(project):
    text = "assembled_from = dict(semantic='m/clases_minivoc')\n"
    path = write_leaf(project, 'lost', 'r18-instances', text)
    with pytest.raises(
        UserError, match=r'semantic is .m/clases_minivoc.: there'
    ):
        load_config(path)


@pytest.mark.parametrize('value', ["['a/b']", "'m/itself_minivoc'", 'None'])
def test_a_part_that_is_no_other_leaf_is_refused(project, value):
    text = f'assembled_from = dict(semantic={value})\n'
    path = write_leaf(project, 'itself', 'r18-instances', text)
    with pytest.raises(UserError, match=r'semantic is .*no such other leaf'):
        load_config(path)


def test_parts_are_not_changed_on_the_command_line(project):
    """Weights would come from another leaf than the model."""
    option = 'assembled_from.semantic=m/boxes_minivoc'
    with pytest.raises(UserError, match='has no effect here, change it in'):
        load_config(project / 'whole_minivoc.py', options=[option])


def test_things_are_not_changed_on_the_command_line(project):
    """Loader, head and metric have read them by then."""
    message = 'things: has no effect here, change it in a leaf: loader, head'
    with pytest.raises(UserError, match=message):
        load_config(project / 'boxes_minivoc.py', options=['things=[5]'])


def test_there_is_nothing_to_train_but_the_parts(project):
    path = project / 'whole_minivoc.py'
    with pytest.raises(UserError) as error:
        train(path, TrainOptions())
    for leaf in PARTS.values():
        assert f'python tools/train.py configs/{leaf}.py' in str(error.value)


@pytest.mark.slow
def test_weights_of_both_parts_are_put_together(there, capsys):
    path = there / 'whole_minivoc.py'
    found = find_checkpoint(path, load_config(path), None)
    whole = torch.load(found, weights_only=True)
    for name, leaf in PARTS.items():
        part = torch.load(
            f'work_dirs/{leaf}/seed0/iter_2.pth', weights_only=True
        )
        for key, value in part['state_dict'].items():
            assert torch.equal(whole['state_dict'][f'{name}.{key}'], value)
    leaves = [origin['leaf'] for origin in whole['meta']['assembled_from']]
    assert leaves == list(PARTS.values())
    assert 'assembled from' in capsys.readouterr().out


@pytest.mark.slow
def test_a_missing_part_is_named_with_the_command_that_trains_it(there):
    path = there / 'whole_minivoc.py'
    with pytest.raises(UserError, match=r'classes_minivoc\.py --seed 7$'):
        find_checkpoint(path, load_config(path), 7)


# pycocotools' decode has not caught up with numpy 2
@pytest.mark.filterwarnings('ignore:__array__:DeprecationWarning')
@pytest.mark.slow
def test_record_pictures_and_files_of_a_test(there, mini_root, tmp_path):
    record = evaluate(
        there / 'whole_minivoc.py',
        None,
        TestOptions(
            data_root=str(mini_root),
            masks=str(tmp_path / 'masks'),
            show=str(tmp_path / 'show'),
        ),
    )
    assert record['kind'] == 'instance'
    assert record['rules']['matching'] == 'uncovered'
    assert record['seed'] == 0
    names = ['boat', 'car', 'sun', 'moon', 'pole', 'sheep', 'bird']
    assert record['classes'] == names
    assert record['checkpoint']['assembled_from'] == list(PARTS.values())
    write_record(tmp_path / 'record.json', record)
    table = render(summarise([read_record(tmp_path / 'record.json')]))
    assert 'm/whole_minivoc' in table
    assert len(list((tmp_path / 'show').glob('*.png'))) == 3
    for path in (tmp_path / 'masks').glob('*.json'):
        for entry in json.loads(path.read_text()):
            assert coco.decode(entry['mask']).shape == (121, 161)


@pytest.mark.slow
def test_several_views(there, mini_root):
    record = evaluate(
        there / 'whole_minivoc.py',
        None,
        TestOptions(data_root=str(mini_root), tta=True),
    )
    assert record['views'] == 6


@pytest.mark.slow
def test_boxes_alone_have_a_record_but_no_pictures(there, mini_root, tmp_path):
    path = there / 'boxes_minivoc.py'
    for kind in ('show', 'probs', 'masks'):
        wanted = {'data_root': str(mini_root), kind: str(tmp_path / kind)}
        with pytest.raises(UserError, match='boxes, which make no picture'):
            evaluate(path, None, TestOptions(**wanted))
    record = evaluate(path, None, TestOptions(data_root=str(mini_root)))
    assert record['kind'] == 'boxes'
    assert 0 <= record['metrics']['box_IoU'] <= 100
    write_record(tmp_path / 'record.json', record)


@pytest.mark.slow
def test_an_oracle_of_one_part_needs_the_other_only(there, mini_root):
    path = there / 'oracle_minivoc.py'
    options = TestOptions(data_root=str(mini_root), tta=True)
    record = evaluate(path, None, options)
    assert record['checkpoint']['assembled_from'] == [PARTS['semantic']]
    photo = mini_root / 'JPEGImages/val_0000.jpg'
    with pytest.raises(UserError, match='TrueBoxes: an oracle looks at'):
        list(predict([photo], path, None, Path('out')))


def test_an_oracle_of_both_parts_needs_no_weights(
    project, mini_root, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    options = TestOptions(data_root=str(mini_root))
    record = evaluate(project / 'truth_minivoc.py', None, options)
    assert record['checkpoint'] is None
    assert record['parameters'] == 0
    assert record['metrics']['AP_0.5'] > 90
    with pytest.raises(UserError, match='an oracle has no weights'):
        list(predict([], project / 'truth_minivoc.py', None, tmp_path / 'o'))


@pytest.mark.slow
def test_prediction_of_a_photograph(there, mini_root, tmp_path):
    photo = mini_root / 'JPEGImages/val_0000.jpg'
    list(predict([photo], there / 'whole_minivoc.py', None, tmp_path))
    assert json.loads((tmp_path / 'val_0000_instances.json').read_text()) >= []
    with Image.open(tmp_path / 'val_0000_instances.png') as image:
        assert image.size == (3 * 161, 3 * 121)


@pytest.mark.slow
def test_boxes_alone_cannot_be_predicted(there, mini_root, tmp_path):
    photo = mini_root / 'JPEGImages/val_0000.jpg'
    with pytest.raises(UserError, match='predict with a leaf of instances'):
        list(predict([photo], there / 'boxes_minivoc.py', None, tmp_path))


def test_drawing_shows_sure_instances_only():
    image = np.zeros((200, 300, 3), np.uint8)
    masks = torch.zeros(2, 200, 300, dtype=torch.bool)
    masks[0, 50:90, 20:60] = True
    masks[1, 120:160, 200:260] = True
    found = InstanceData(
        labels=torch.tensor([1, 1]),
        scores=torch.tensor([0.9, 0.2]),
        masks=masks,
    )
    drawn = draw_instances(image, found, ('ground', 'cat'))
    factor = drawn.shape[0] // 200
    assert drawn.shape == (200 * factor, 300 * factor, 3)
    touched = drawn.any(-1)[::factor, ::factor]
    assert touched[50:90, 20:60].all()
    assert not touched[100:, 100:].any()


def test_the_best_is_drawn_over_others_and_one_half_is_enough():
    """Rims only: the two best ones share a box, the third stands apart."""
    masks = torch.zeros(3, 400, 300, dtype=torch.bool)
    masks[:2, 50:90, 20:60] = True
    masks[2, 220:260, 200:260] = True
    found = InstanceData(
        labels=torch.tensor([1, 1, 1]),
        scores=torch.tensor([0.9, 0.7, 0.5]),
        masks=masks,
    )
    image = np.zeros((400, 300, 3), np.uint8)
    drawn = draw_instances(image, found, ('ground', 'cat'))
    best = draw_instances(image, found[:1], ('ground', 'cat'))
    assert drawn[220:260, 200:260].any(-1).all()
    # colours go from the worst to the best: red is the first of them
    red = [255, 25, 25]
    assert best[89, 40].tolist() == red
    assert drawn[259, 230].tolist() == red
    assert drawn[89, 40].tolist() not in (red, [0, 0, 0])
    second = draw_instances(image, found[[1, 2]], ('ground', 'cat'))
    assert drawn[89, 40].tolist() != second[89, 40].tolist()


def test_words_stand_above_the_left_corner():
    mask = torch.zeros(1, 400, 300, dtype=torch.bool)
    mask[0, 300:340, 100:140] = True
    found = InstanceData(labels=torch.tensor([1]), masks=mask)
    image = np.full((400, 300, 3), 128, np.uint8)
    drawn = draw_instances(image, found, ('ground', 'cat'))
    rows, columns = np.nonzero((drawn != image).any(-1))
    assert 285 <= rows.min() < 300
    assert 95 <= columns.min() <= 102
    assert rows.max() == 339


def test_pictures_are_enlarged_to_about_360_rows():
    heights = (1000, 360, 250, 239, 121)
    assert [enlargement(height) for height in heights] == [1, 1, 1, 2, 3]


def test_true_instances_are_masks_by_number():
    sample = SegDataSample()
    numbers = torch.tensor([[[0, 1, 2], [255, 2, 2]]])
    sample.gt_instance_map = PixelData(data=numbers)
    sample.gt_instances = InstanceData(labels=torch.tensor([7, 5]))
    found = true_instances(sample)
    assert found.labels.tolist() == [7, 5]
    assert found.masks.tolist() == [
        [[False, True, False], [False, False, False]],
        [[False, False, True], [False, True, True]],
    ]


# pycocotools' decode has not caught up with numpy 2
@pytest.mark.filterwarnings('ignore:__array__:DeprecationWarning')
def test_instances_are_written_with_classes_boxes_and_masks(tmp_path):
    masks = torch.zeros(2, 4, 6, dtype=torch.bool)
    masks[0, 1:3, 2:6] = True
    masks[1, 3, 0] = True
    sample = SegDataSample()
    sample.pred_instances = InstanceData(
        labels=torch.tensor([2, 1]),
        scores=torch.tensor([0.75, 0.25]),
        masks=masks,
        bboxes=torch.tensor([[2.0, 1, 6, 3.004], [0, 3, 1, 4]]),
    )
    path = tmp_path / 'a.json'
    write_instances(sample, ('ground', 'cat', 'dog'), path)
    entries = json.loads(path.read_text())
    decoded = [coco.decode(entry.pop('mask')) for entry in entries]
    assert np.array_equal(np.stack(decoded), masks.numpy())
    assert entries == [
        {'label': 2, 'class': 'dog', 'score': 0.75, 'box': [2, 1, 6, 3]},
        {'label': 1, 'class': 'cat', 'score': 0.25, 'box': [0, 3, 1, 4]},
    ]
    sample.pred_instances = sample.pred_instances[:0]
    write_instances(sample, ('ground', 'cat', 'dog'), path)
    assert json.loads(path.read_text()) == []


def test_search_finds_what_scores_best(project, mini_root, monkeypatch):
    monkeypatch.chdir(project.parents[1])
    search = GroupingSearch(
        project / 'truth_minivoc.py', data_root=str(mini_root), images=4
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
    project, mini_root, monkeypatch, capsys, metric
):
    """Twice around; what was tried, as the leaf says too, is not again."""
    monkeypatch.chdir(project.parents[1])
    path = project / 'truth_minivoc.py'  # whose box_iou is 0.3
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
    project, mini_root, monkeypatch, void
):
    monkeypatch.chdir(project.parents[1])
    search = GroupingSearch(
        project / 'truth_minivoc.py',
        data_root=str(mini_root),
        images=1,
        options=[f'test_evaluator.void={void}'],
    )
    list(search.look())
    (seen,) = search.seen
    if void == 'count':
        assert seen.void is None
    else:
        path = mini_root / 'SegmentationObject/train_0000.png'
        with Image.open(path) as image:
            assert np.array_equal(seen.void, np.array(image) == 255)
        assert seen.void.any()


def test_search_takes_the_weights_that_are_named(project, monkeypatch):
    monkeypatch.chdir(project.parents[1])
    path = project / 'truth_minivoc.py'
    with pytest.raises(UserError, match=r'no\.pth'):
        GroupingSearch(path, 'no.pth')


def test_search_scores_like_the_test(project, mini_root, monkeypatch, capsys):
    monkeypatch.chdir(project.parents[1])
    path = project / 'truth_minivoc.py'
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
