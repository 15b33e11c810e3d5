"""Real photographs and label maps, in the forms that users have them."""

import shutil

import numpy as np
import pytest
from PIL import Image

from zoo.datasets.checking import audit
from zoo.datasets.loading import read_label_map
from zoo.datasets.voc_aug import VOCAugDataset
from zoo.errors import UserError

# ids that a person sees in the photographs: dog 12, bicycle 2, sheep 17 ...
VOC_IDS = {
    '2007_004189': {0, 12, 255},
    '2007_006449': {0, 2, 255},
    '2008_002536': {0, 12, 17, 255},
    '2010_005582': {0, 5, 15, 255},
}


def errors(report):
    return [p['what'] for p in report['problems'] if p['level'] == 'error']


def voc_of(folder, root):
    """Lay out samples as VOC 2012; returns the names."""
    for kind, suffix in (('JPEGImages', 'jpg'), ('SegmentationClass', 'png')):
        (root / kind).mkdir(parents=True)
        for path in folder.glob(f'*.{suffix}'):
            shutil.copy(path, root / kind / path.name)
    names = sorted(path.stem for path in (root / 'JPEGImages').iterdir())
    lists = root / 'ImageSets/Segmentation'
    lists.mkdir(parents=True)
    (lists / 'train.txt').write_text('\n'.join(names[1:]))
    (lists / 'val.txt').write_text(names[0])
    return names


def test_voc_is_read_and_fit_for_use(shared_data, tmp_path):
    names = voc_of(shared_data / 'voc_samples/drsleep/VOC', tmp_path)
    assert names == sorted(VOC_IDS)
    report = audit('voc', tmp_path)
    assert errors(report) == []
    assert report['splits'] == {'train': 3, 'val': 1}
    found = [*VOCAugDataset(data_root=str(tmp_path), split='train')]
    found += [*VOCAugDataset(data_root=str(tmp_path), split='val')]
    for record in found:
        labels = read_label_map(record['seg_map_path'])
        name = record['img_path'].rsplit('/', 1)[-1][:-4]
        assert set(np.unique(labels).tolist()) == VOC_IDS[name]
        with Image.open(record['img_path']) as image:
            assert labels.shape == image.size[::-1]


def test_a_coloured_prediction_is_no_label_map_but_can_be_made_one(
    shared_data,
):
    folder = shared_data / 'voc_samples/fcn_demo'
    labels = read_label_map(folder / 'label.png')
    assert set(np.unique(labels).tolist()) == {0, 2, 15, 255}
    with pytest.raises(UserError, match=r'palette was turned .*quantize'):
        read_label_map(folder / 'output.png')
    # what the message says
    with (
        Image.open(folder / 'output.png') as output,
        Image.open(folder / 'label.png') as intact,
    ):
        ids = output.convert('RGB').quantize(palette=intact, dither=0)
    predicted = np.array(ids)
    assert set(np.unique(predicted).tolist()) == {0, 2, 15}
    known = labels != 255
    assert (predicted == labels)[known].mean() > 0.8


@pytest.mark.slow
def test_coco_is_fit_for_use(shared_data):
    report = audit('coco_voc20', shared_data / 'coco_voc20')
    assert errors(report) == []
    assert report['splits'] == {'train': 201, 'val': 105, 'trainval': 306}
    assert min(seen['images'] for seen in report['classes'].values()) > 0


@pytest.mark.slow
def test_msrc_is_fit_for_use_and_its_twins_are_found(shared_data):
    report = audit('msrc21', shared_data / 'msrc21')
    assert errors(report) == []
    assert report['splits'] == {'train': 276, 'val': 58, 'test': 257}
    assert report['images'] == 591
    twins = [p for p in report['problems'] if '1_26_s' in str(p['files'])]
    assert len(twins) == 1
