"""Numbers of classes that contradict each other are seen before training."""

import pytest
from mmengine.config import Config

import zoo.datasets  # noqa: F401  registers
from zoo.datasets.agreement import check_classes
from zoo.datasets.checks import check_data
from zoo.datasets.metainfo import stated_metainfo
from zoo.errors import UserError

SIFTFLOW = {'type': 'SIFTFlowDataset', 'data_root': 'here'}


def config(**head):
    return Config({'model': {'decode_head': {'type': 'FCNHead', **head}}})


def steps(number):
    return [{'type': 'LoadImage'}, {'type': 'LoadLabels', **number}]


def own(root, names='cat\ndog\n'):
    (root / 'class_names.txt').write_text(names)
    return {'type': 'OwnDataset', 'data_root': str(root)}


def test_accepts_what_agrees_and_what_says_nothing(tmp_path):
    check_classes(config(num_classes=33), SIFTFLOW)
    check_classes(config(), SIFTFLOW)
    check_classes({}, SIFTFLOW)
    check_classes({'model': {'semantic': {}}}, SIFTFLOW)
    check_classes({'model': {'decode_head': [{'num_classes': 7}]}}, SIFTFLOW)
    check_classes(config(num_classes=2), {'type': 'BaseSegDataset'})
    for number in ({}, {'num_classes': None}, {'num_classes': 33}):
        dataset = {**SIFTFLOW, 'pipeline': steps(number)}
        check_classes(config(num_classes=33), dataset)
    check_classes(config(num_classes=2), own(tmp_path))


@pytest.mark.parametrize('number', [32, 34])
def test_refuses_a_head_of_another_number(number):
    with pytest.raises(UserError) as caught:
        check_classes(config(num_classes=number), SIFTFLOW)
    assert str(caught.value) == (
        f'model.decode_head.num_classes is {number}, but SIFTFlowDataset in '
        'here has 33 classes. Set it to 33.'
    )


def test_refuses_a_loader_of_another_number():
    dataset = {**SIFTFLOW, 'pipeline': steps({'num_classes': 21})}
    problem = 'num_classes of LoadLabels is 21, but SIFTFlowDataset'
    with pytest.raises(UserError, match=problem):
        check_classes({}, dataset)


def test_counts_the_names_in_a_file(tmp_path):
    dataset = own(tmp_path)
    with pytest.raises(UserError, match=r'is 3, but OwnDataset .* 2 classes'):
        check_classes(config(num_classes=3), dataset)


def test_names_of_the_config_replace_those_of_the_class(tmp_path):
    classes = ('car', 'boat')
    dataset = {**SIFTFLOW, 'metainfo': {'classes': classes}}
    check_classes(config(num_classes=2), dataset)
    assert stated_metainfo(dataset)['classes'] == classes
    palette = stated_metainfo(SIFTFLOW)['palette']
    assert stated_metainfo(dataset)['palette'] == palette


def test_is_part_of_the_look_at_the_data(tiny_siftflow):
    broken = config(num_classes=21)
    dataset = {**SIFTFLOW, 'data_root': str(tiny_siftflow)}
    broken.train_dataloader = {
        'dataset': {'type': 'ConcatDataset', 'datasets': [dataset]}
    }
    with pytest.raises(UserError, match=r'SIFTFlowDataset in .*siftflow has'):
        check_data(broken)
    broken.model.decode_head.num_classes = 33
    check_data(broken)
