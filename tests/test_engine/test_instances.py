"""Instances from training to pictures: two small networks and a grouping."""

import json
from pathlib import Path

import pytest
import torch
from PIL import Image
from pycocotools import mask as coco
from support import PARTS, write_leaf

from zoo.engine.config import load_config
from zoo.engine.experiment import TrainOptions, train
from zoo.engine.prediction import predict
from zoo.engine.testing import TestOptions, evaluate
from zoo.engine.weights import find_checkpoint
from zoo.errors import UserError
from zoo.evaluation import read_record, render, summarise, write_record


def test_a_leaf_of_parts_gets_their_models(leaves):
    config = load_config(leaves / 'whole_minivoc.py')
    classes = load_config(leaves / 'classes_minivoc.py')
    assert config.model.semantic.type == 'PostProcessedEncoderDecoder'
    assert config.model.localisation.type == 'BoxRegressor'
    assert config.model.semantic.backbone == classes.model.backbone
    preprocessing = config.model.semantic.data_preprocessor
    assert preprocessing == classes.data_preprocessor


def test_what_the_leaf_says_of_a_part_goes_before_its_own(leaves):
    parts = f'assembled_from = {PARTS}\n'
    text = 'model = dict(semantic=dict(decode_head=dict(dilation=3)))\n'
    path = write_leaf(leaves, 'stated', 'r18-instances', parts + text)
    head = load_config(path).model.semantic.decode_head
    assert (head.dilation, head.in_channels) == (3, 16)


def test_options_reach_a_part(leaves):
    config = load_config(
        leaves / 'whole_minivoc.py',
        options=['model.semantic.backbone.base_channels=4'],
    )
    assert config.model.semantic.backbone.base_channels == 4


def test_a_part_that_is_no_leaf_is_named(leaves):
    text = "assembled_from = dict(semantic='m/clases_minivoc')\n"
    path = write_leaf(leaves, 'lost', 'r18-instances', text)
    with pytest.raises(
        UserError, match=r'semantic is .m/clases_minivoc.: there'
    ):
        load_config(path)


@pytest.mark.parametrize('value', ["['a/b']", "'m/itself_minivoc'", 'None'])
def test_a_part_that_is_no_other_leaf_is_refused(leaves, value):
    text = f'assembled_from = dict(semantic={value})\n'
    path = write_leaf(leaves, 'itself', 'r18-instances', text)
    with pytest.raises(UserError, match=r'semantic is .*no such other leaf'):
        load_config(path)


def test_parts_are_not_changed_on_the_command_line(leaves):
    """Weights would come from another leaf than the model."""
    option = 'assembled_from.semantic=m/boxes_minivoc'
    with pytest.raises(UserError, match='has no effect here, change it in'):
        load_config(leaves / 'whole_minivoc.py', options=[option])


def test_things_are_not_changed_on_the_command_line(leaves):
    """Loader, head and metric have read them by then."""
    message = 'things: has no effect here, change it in a leaf: loader, head'
    with pytest.raises(UserError, match=message):
        load_config(leaves / 'boxes_minivoc.py', options=['things=[5]'])


def test_there_is_nothing_to_train_but_the_parts(leaves):
    path = leaves / 'whole_minivoc.py'
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
    leaves, mini_root, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    options = TestOptions(data_root=str(mini_root))
    record = evaluate(leaves / 'truth_minivoc.py', None, options)
    assert record['checkpoint'] is None
    assert record['parameters'] == 0
    assert record['metrics']['AP_0.5'] > 90
    with pytest.raises(UserError, match='an oracle has no weights'):
        list(predict([], leaves / 'truth_minivoc.py', None, tmp_path / 'o'))


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
