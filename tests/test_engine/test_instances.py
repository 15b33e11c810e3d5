"""Instances from training to pictures: two small networks and a grouping."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from mmengine.structures import InstanceData
from PIL import Image
from pycocotools import mask as coco
from support import ROOT

from zoo.engine.config import load_config
from zoo.engine.experiment import TrainOptions, train
from zoo.engine.grouping_search import GroupingSearch
from zoo.engine.instance_pictures import draw_instances
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
    with pytest.raises(UserError, match=r'classes_minivoc\.py --seed 7'):
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


def test_search_scores_like_the_test(project, mini_root, monkeypatch):
    monkeypatch.chdir(project.parents[1])
    path = project / 'truth_minivoc.py'
    search = GroupingSearch(
        path, data_root=str(mini_root), split='val', images=3
    )
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
