"""A method's metafile: every leaf, its runs and their means."""

import pytest
import yaml

from zoo.errors import UserError
from zoo.evaluation.metafile import render_metafile

COLLECTION = (
    'Name: DeepLab-CRF\n'
    'Paper: {Title: A title, URL: https://example.org, Year: 2015}\n'
)


@pytest.fixture
def method(tmp_path):
    folder = tmp_path / 'deeplab_crf'
    folder.mkdir()
    (folder / 'collection.yml').write_text(COLLECTION)
    for leaf in ('vgg16_minivoc', 'vgg16_voc'):
        (folder / f'{leaf}.py').write_text('# A leaf.\n')
    return folder


def test_every_leaf_is_a_model_with_the_results_it_has(method, make_record):
    runs = [make_record(seed=s) for s in (0, 1)]
    runs[1]['metrics']['mIoU'] = 53.0
    foreign = make_record(config='fcrn/vgg16_minivoc')
    text = render_metafile(method, [*runs, foreign])
    assert text.startswith('# Written by tools/leaderboard.py')
    assert '&id' not in text
    index = yaml.safe_load(text)
    (collection,) = index['Collections']
    assert collection['Name'] == 'DeepLab-CRF'
    assert collection['Paper']['Year'] == 2015
    assert collection['README'] == 'configs/deeplab_crf/README.md'
    ours, other = index['Models']
    assert ours['Name'] == 'deeplab_crf/vgg16_minivoc'
    assert ours['In Collection'] == 'DeepLab-CRF'
    assert ours['Config'] == 'configs/deeplab_crf/vgg16_minivoc.py'
    assert ours['Metadata'] == {
        'Training Data': 'minivoc',
        'Parameters': 1_234_567,
        'Iterations': 100,
    }
    (result,) = ours['Results']
    assert result['Task'] == 'Semantic Segmentation'
    assert result['Dataset'] == 'minivoc val'
    assert result['Metrics'] == {'mIoU': 51.5, 'aAcc': 66.67, 'mAcc': 75.0}
    assert [run['Seed'] for run in result['Runs']] == [0, 1]
    assert result['Runs'][1]['mIoU'] == 53
    assert result['Runs'][0]['Commit'] == 'f' * 40
    assert other == {
        'Name': 'deeplab_crf/vgg16_voc',
        'In Collection': 'DeepLab-CRF',
        'Config': 'configs/deeplab_crf/vgg16_voc.py',
    }


def test_multi_view_results_are_told_apart(method, make_record):
    text = render_metafile(method, [make_record(views=4)])
    (result,) = yaml.safe_load(text)['Models'][0]['Results']
    assert result['Variant'] == '4 views'


def test_refuses_a_record_whose_leaf_is_gone(method, make_record):
    gone = make_record(config='deeplab_crf/vgg19_voc')
    with pytest.raises(UserError, match='no leaf for the record of deeplab_c'):
        render_metafile(method, [gone])


@pytest.mark.parametrize(
    ('text', 'message'),
    [
        ('Name: x\n', 'needs the keys Name and Paper'),
        ('- 1\n', 'needs the keys'),
        ('a: [\n', 'not YAML'),
        (None, 'cannot be read'),
    ],
)
def test_refuses_a_bad_collection(text, message, method):
    path = method / 'collection.yml'
    path.unlink() if text is None else path.write_text(text)
    with pytest.raises(UserError, match=rf'collection\.yml: {message}') as e:
        render_metafile(method, [])
    assert '\n' not in str(e.value)


def test_other_kinds_have_tasks_of_their_own(method, make_record):
    kinds = ('semantic', 'instance', 'boxes')
    runs = [make_record(kind, checkpoint=None) for kind in kinds]
    runs[1]['rules']['ap'] = '11-point'
    text = render_metafile(method, runs)
    results = yaml.safe_load(text)['Models'][0]['Results']
    assert [result['Task'] for result in results] == [
        'Semantic Segmentation',
        'Instance Segmentation',
        'Box Regression',
    ]
    _, instances, boxes = results
    assert instances['Variant'] == '11-point AP'
    assert instances['Metrics'] == {
        'AP_0.5': 50.0,
        'AP_0.7': 30.25,
        'AP_vol': 40.12,
    }
    assert instances['Runs'][0]['AP_0.5'] == 50
    assert boxes['Metrics'] == {'box_IoU': 60.0, 'hit_0.5': 70.0}
    assert boxes['Runs'][0]['box_IoU'] == 60
    assert 'mIoU' not in boxes['Runs'][0]
