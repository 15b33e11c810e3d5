"""A classifier learns from stored features and is tested with and without."""

import subprocess
import sys
from pathlib import Path

import pytest
import torch
from support import ROOT

from zoo.engine.checkpoint import load_plain
from zoo.engine.experiment import TrainOptions, train
from zoo.engine.testing import TestOptions, evaluate
from zoo.engine.zoom_out import extraction
from zoo.errors import UserError
from zoo.models.backbones import ZoomOutFeatures


@pytest.fixture
def train_table(zoom_out_leaf, mini_root, tmp_path, monkeypatch):
    """Return a function that trains the leaf into a folder."""
    monkeypatch.chdir(tmp_path)

    def train_table(folder='run', resume=None, extra=()):
        options = TrainOptions(
            work_dir=folder,
            resume=resume,
            options=(f'features.folder={tmp_path / "features"}', *extra),
            data_root=str(mini_root),
        )
        return train(zoom_out_leaf, options)

    return train_table


@pytest.fixture
def test_it(zoom_out_leaf, mini_root, tmp_path):
    """Return a function that tests a checkpoint."""

    def test_it(checkpoint, *options, **changes):
        folder = f'features.folder={tmp_path / "features"}'
        return evaluate(
            zoom_out_leaf,
            checkpoint,
            TestOptions(
                options=(folder, *options),
                data_root=str(mini_root),
                **changes,
            ),
        )

    return test_it


def test_checkpoint_holds_all_that_was_fitted(extracted, train_table):
    content = load_plain(train_table())
    state, meta = content['state_dict'], content['meta']
    fitted = load_plain(extracted / 'fitted.pth')
    for key, value in fitted['state_dict'].items():
        assert torch.equal(state[key], value)
    counts = state['decode_head.loss_decode.0.class_counts']
    assert counts.tolist() == fitted['meta']['class_counts']
    assert meta['started_from']['file'] == str(extracted / 'fitted.pth')
    assert not torch.equal(state['decode_head.layers.0.bias'], torch.zeros(12))


def test_training_reads_and_extracts_nothing(
    extracted, train_table, monkeypatch
):
    monkeypatch.setattr(extraction._Photos, '__getitem__', None)
    monkeypatch.setattr(ZoomOutFeatures, 'describe', None)
    assert train_table().name == 'iter_4.pth'


def test_a_test_says_no_time_where_features_were_read(
    extracted, train_table, test_it, monkeypatch
):
    checkpoint, described = train_table(), []
    plain = ZoomOutFeatures.describe

    def describe(*args):
        described.append(args)
        return plain(*args)

    monkeypatch.setattr(ZoomOutFeatures, 'describe', describe)
    read = test_it(checkpoint)
    assert not described
    assert read['timing'] is None
    computed = test_it(checkpoint, 'features.read_in_tests=False')
    assert len(described) == 3
    assert computed['timing']['ms_per_image'] > 0
    assert read['metrics'] == computed['metrics']
    assert 0 < read['metrics']['aAcc'] <= 100


def test_features_that_were_fitted_again_are_not_read(
    extracted, train_table, test_it
):
    """They may be of other dictionaries than the checkpoint's."""
    checkpoint = train_table()
    fitted = extracted / 'fitted.pth'
    content = load_plain(fitted)
    content['meta']['data'] = 'another'
    torch.save(content, fitted)
    assert test_it(checkpoint)['timing']['ms_per_image'] > 0


def test_a_test_needs_no_stored_features(extracted, train_table, test_it):
    checkpoint = train_table()
    read = test_it(checkpoint)
    extracted.rename(extracted.with_name('moved'))
    computed = test_it(checkpoint)
    assert computed['timing']['ms_per_image'] > 0
    assert computed['metrics'] == read['metrics']


def test_views_are_described_where_they_are_not_stored(
    extracted, train_table, test_it, monkeypatch
):
    checkpoint, described = train_table(), []
    plain = ZoomOutFeatures.describe

    def describe(self, photo, labels):
        described.append(photo.shape[:2])
        return plain(self, photo, labels)

    monkeypatch.setattr(ZoomOutFeatures, 'describe', describe)
    record = test_it(checkpoint, 'views.scales=[1.0,0.5]', 'views.flip=True')
    assert record['views'] == 4
    # per image: the photograph itself is stored, its mirror image is not
    assert len(described) == 3 * 3
    assert {width for _, width in described} == {161, 81}


def test_a_stopped_run_goes_on_bit_for_bit(extracted, train_table):
    extra = (
        'model.decode_head.hidden=[8]',
        'model.decode_head.dropout=0.5',
    )
    whole = load_plain(train_table('whole', extra=extra))['state_dict']
    stopped = train_table('cut', extra=extra)
    stopped.unlink()  # leaves iteration 2
    resumed = train_table('cut', resume='auto', extra=extra)
    assert resumed.name == 'iter_4.pth'
    found = load_plain(resumed)
    assert found['meta']['started_from']['file'].endswith('fitted.pth')
    for key, value in found['state_dict'].items():
        assert torch.equal(value, whole[key]), key


def test_other_columns_and_losses_need_nothing_new(
    extracted, train_table, monkeypatch
):
    monkeypatch.setattr(extraction._Photos, '__getitem__', None)
    extra = (
        "model.backbone.use=['local.lab','proximal.sift']",
        'model.decode_head.in_channels=135',
    )
    state = load_plain(train_table(extra=extra))['state_dict']
    assert state['decode_head.layers.0.weight'].shape == (12, 135)
    assert len(state['backbone.mean']) == 546


def run_tool(name, *arguments):
    command = [sys.executable, str(ROOT / f'tools/{name}.py'), *arguments]
    return subprocess.run(command, capture_output=True, text=True)


@pytest.mark.slow
def test_tools_extract_train_and_test(
    zoom_out_leaf, mini_root, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    leaf, root = str(zoom_out_leaf), ('--data-root', str(mini_root))
    first = run_tool('extract_features', leaf, *root)
    assert first.returncode == 0, first.stderr
    said = first.stdout.splitlines()
    assert said[-1].startswith('ready: work_dirs/features/minivoc-')
    assert (tmp_path / said[-1].removeprefix('ready: ')).is_file()
    again = run_tool('extract_features', leaf, *root)
    assert again.stdout.splitlines() == said[-1:]
    trained = run_tool('train', leaf, *root)
    assert trained.returncode == 0, trained.stderr
    assert 'extract' not in trained.stderr
    tested = run_tool('test', leaf, *root)
    assert tested.returncode == 0, tested.stderr
    assert list(Path('work_dirs').glob('m/small_minivoc/seed0/iter_4.pth'))


def test_a_leaf_without_features_has_nothing_to_extract(mini_root):
    path = 'configs/deeplab_crf/vgg16_minivoc.py'
    done = run_tool('extract_features', str(ROOT / path))
    assert done.returncode != 0
    assert 'extracts no features. Train it' in done.stderr
    assert 'Traceback' not in done.stderr


def test_data_that_is_not_there_is_refused_in_one_line(tmp_path):
    path = ROOT / 'configs/zoom_out/vgg16_stanford.py'
    missing = ('--data-root', str(tmp_path / 'none'))
    done = run_tool('extract_features', str(path), *missing)
    assert done.returncode != 0
    assert 'Traceback' not in done.stderr
    assert 'none' in done.stderr


def test_starting_weights_can_be_stated(extracted, train_table):
    """A resumed run, or the user's own, is not put on the fitted again."""
    first = train_table()
    extra = (f'load_from={first}', 'optim_wrapper.optimizer.lr=0.0')
    second = train_table('next', extra=extra)
    states = [load_plain(x)['state_dict'] for x in (first, second)]
    key = 'decode_head.layers.0.weight'
    assert torch.equal(states[0][key], states[1][key])


def test_a_wrong_entry_ends_in_one_line(train_table):
    with pytest.raises(UserError, match="no entry 'folders'"):
        train_table(extra=('features.folders=x',))


def test_a_run_does_not_go_on_with_other_features(extracted, train_table):
    train_table()
    with pytest.raises(UserError, match=r'iter_4\.pth: is no classifier of'):
        train_table(resume='auto', extra=('features.seed=1',))


def test_a_start_from_other_features_is_refused(extracted, train_table):
    first = train_table('other', extra=('features.seed=1',))
    with pytest.raises(UserError, match='is no classifier of'):
        train_table(extra=(f'load_from={first}',))


@pytest.mark.parametrize(
    'change', ['model.backbone.sift_step=5', 'model.superpixels.n_segments=41']
)
def test_features_of_other_settings_are_not_read(
    extracted, train_table, test_it, change
):
    checkpoint = train_table()
    assert test_it(checkpoint)['timing'] is None
    assert test_it(checkpoint, change)['timing']['ms_per_image'] > 0
