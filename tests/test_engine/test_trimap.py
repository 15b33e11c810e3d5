"""``--trimap``: one block more in the record, and nothing else."""

import shutil

import numpy as np
import pytest
from PIL import Image
from scipy.ndimage import binary_dilation
from support import LEAF, ROOT, SMALL

from zoo.engine.config import load_config
from zoo.engine.leaderboard import show
from zoo.engine.testing import TestOptions, evaluate
from zoo.engine.trimap import use_trimap
from zoo.errors import UserError
from zoo.evaluation import add_up, count_pixels, scores
from zoo.evaluation.records import read_record, write_record

NO_CRF = LEAF.with_name('vgg16-nocrf_minivoc.py')
OF_THE_MOMENT = ('date', 'timing')


@pytest.fixture
def tested(train_small, mini_root, tmp_path, monkeypatch):
    """Return a function: leaf, options -> the record of a small network."""
    monkeypatch.chdir(tmp_path)
    checkpoint = train_small(iterations=2)

    def tested(leaf=LEAF, root=mini_root, **options):
        options = TestOptions(options=SMALL, data_root=str(root), **options)
        return evaluate(leaf, checkpoint, options)

    return tested


def slow_score(root, masks, width):
    """Scores of saved masks where a dilation says so."""
    square = np.ones((2 * width + 1, 2 * width + 1), bool)
    counts = []
    for path in sorted(masks.iterdir()):
        label = np.array(Image.open(root / 'SegmentationClass' / path.name))
        label[~binary_dilation(label == 255, square)] = 255
        mask = np.array(Image.open(path))
        counts.append(count_pixels(mask, label, num_classes=12))
    assert len(counts) == 3
    return scores(add_up(counts, num_classes=12))


def test_the_record_has_both_curves(tested, mini_root, tmp_path):
    with_crf = tested(trimap=True, masks=str(tmp_path / 'with'))
    without = tested(NO_CRF, trimap=True, masks=str(tmp_path / 'without'))
    block = with_crf['trimap']
    assert block['widths'] == list(range(1, 41))
    assert without['trimap']['raw'] is None
    assert without['trimap']['final'] == block['raw']
    for width in (1, 7, 40):
        for key, folder in (('final', 'with'), ('raw', 'without')):
            slow = slow_score(mini_root, tmp_path / folder, width)
            for name in ('mIoU', 'aAcc'):
                found = block[key][name][width - 1]
                assert found == pytest.approx(float(slow[name])), width


def test_nothing_else_changes(tested, tmp_path):
    with_it, without = tested(trimap=True), tested()
    assert with_it.pop('trimap')
    for record in (with_it, without):
        for key in OF_THE_MOMENT:
            del record[key]
    assert with_it == without
    assert set(without['metrics']) == {'mIoU', 'aAcc', 'mAcc'}


def test_the_table_of_the_test_shows_it(tested, tmp_path):
    record = tested(trimap=True)
    write_record(tmp_path / 'a.json', record)
    assert read_record(tmp_path / 'a.json')['trimap'] == record['trimap']
    plain = show([record])
    text = show([record], trimap=True)
    assert text.startswith(plain)
    table = text.removeprefix(plain)
    assert 'minivoc val, within so many pixels of void' in table
    [header] = [x for x in table.splitlines() if x.startswith(' method')]
    assert header.split() == ['method', '1', '2', '5', '10', '20', '40']
    assert 'without post-processors' in table
    assert 'within' not in plain


def test_several_views_are_scored_as_well(tested):
    block = tested(trimap=True, tta=True)['trimap']
    assert block['raw'] is not None


def test_labels_without_void_lose_nothing_else(
    tested, mini_root, tmp_path, capsys
):
    root = tmp_path / 'no_void'
    shutil.copytree(mini_root, root)
    for path in (root / 'SegmentationClass').glob('val*'):
        mask = Image.open(path)
        labels = np.array(mask)
        labels[labels == 255] = 0
        filled = Image.fromarray(labels)
        filled.putpalette(mask.getpalette())
        filled.save(path)
    record = tested(root=root, trimap=True)
    assert 'trimap' not in record
    assert record['metrics']['mIoU'] >= 0
    said = capsys.readouterr().out
    assert 'no label map of its 3 images has a void pixel' in said
    assert 'within' not in show([record], trimap=True)


def test_a_leaf_of_instances_is_refused():
    path = ROOT / 'configs/fcrn/r18-instances_minivoc.py'
    with pytest.raises(UserError, match=r"'RegionAPMetric'; .*Leave --trimap"):
        use_trimap(load_config(path), path)


def test_void_is_what_the_leaf_ignores():
    config = load_config(LEAF, options=('test_evaluator.ignore_index=7',))
    use_trimap(config, LEAF)
    usual, added = config.test_evaluator
    assert usual.type == 'SegmentationMetric'
    assert (added.type, added.ignore_index) == ('TrimapMetric', 7)
