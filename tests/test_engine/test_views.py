"""Multi-view testing: which views, chosen where, with which weights."""

import json

import numpy as np
import pytest
import torch
from mmengine.dataset import Compose
from PIL import Image
from support import LEAF, SMALL

from zoo.engine.config import load_config
from zoo.engine.experiment import TrainOptions, build_runner, train
from zoo.engine.leaderboard import Job, run_jobs
from zoo.engine.prediction import Predictor, predict
from zoo.engine.testing import TestOptions
from zoo.engine.views import Views, use_views
from zoo.errors import UserError
from zoo.evaluation.records import read_record

SHIFTED = 'dict(scales=(1.0,), flip=False, shifts=((0, 0), (2, 5)))'


@pytest.fixture
def make_leaf(tmp_path):
    """Return a function that writes a leaf with ``views`` and inherits."""

    def make_leaf(views, name='viewed_minivoc', base=LEAF):
        path = tmp_path / 'configs' / 'm' / f'{name}.py'
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(
            f"# Several views.\n_base_ = '{base}'\nviews = {views}\n"
        )
        return path

    return make_leaf


def found_views(config, root):
    """Return what the pipeline makes of the first photograph."""
    photo = sorted((root / 'JPEGImages').iterdir())[0]
    labels = root / 'SegmentationClass' / f'{photo.stem}.png'
    return Compose(config.test_dataloader.dataset.pipeline)(
        {
            'img_path': str(photo),
            'seg_map_path': str(labels),
            'reduce_zero_label': False,
            'seg_fields': [],
        }
    )


def test_six_views_of_three_sizes_plain_and_mirrored(mini_root):
    config = load_config(LEAF, data_root=str(mini_root))
    views = use_views(config, tta=True)
    assert views.count == 6
    assert config.model.type == 'MultiViewSegmentor'
    assert config.model.shifts == ((0, 0),)
    found = found_views(config, mini_root)
    sizes = [tuple(view.shape[1:]) for view in found['inputs']]
    small, same, large = (91, 121), (121, 161), (151, 201)
    assert sizes == [small, small, same, same, large, large]
    flips = [bool(sample.flip) for sample in found['data_samples']]
    assert flips == [False, True] * 3
    plain, mirrored = found['inputs'][2], found['inputs'][3]
    assert (plain.flip(2) == mirrored).all()
    truths = {s.gt_sem_seg.data.shape for s in found['data_samples']}
    assert truths == {(1, 121, 161)}  # the truth is never resized


@pytest.mark.parametrize('tta', [False, True])
def test_a_leaf_names_its_views(make_leaf, mini_root, tta):
    leaf = make_leaf('dict(scales=[2], flip=False, shifts=((0, 0), (0, 7)))')
    config = load_config(leaf)
    views = use_views(config, tta=tta)
    assert views == Views(scales=[2], flip=False, shifts=((0, 0), (0, 7)))
    assert views.count == 2
    assert config.model.shifts == ((0, 0), (0, 7))
    found = found_views(config, mini_root)
    assert [tuple(v.shape[1:]) for v in found['inputs']] == [(242, 322)]
    assert not found['data_samples'][0].flip


def test_scales_are_those_of_the_size_that_a_leaf_tests_at(mini_root):
    config = load_config(LEAF)
    resize = {'type': 'Resize', 'scale': (200, 100)}
    config.test_dataloader.dataset.pipeline.insert(1, resize)
    use_views(config, tta=True)
    found = found_views(config, mini_root)
    sizes = [tuple(view.shape[1:]) for view in found['inputs']]
    assert sizes[::2] == [(75, 150), (100, 200), (125, 250)]
    shapes = {sample.ori_shape for sample in found['data_samples']}
    assert shapes == {(121, 161)}


def test_what_a_leaf_leaves_out_is_as_by_default(make_leaf):
    config = load_config(make_leaf('dict(shifts=((0, 0), (4, 4)))'))
    assert use_views(config).count == 12
    config = load_config(make_leaf('dict()'))
    assert use_views(config) == Views()


def test_views_can_be_switched_off(make_leaf):
    leaf = make_leaf(SHIFTED)
    heir = make_leaf(None, 'heir_minivoc', base=leaf)
    given = load_config(leaf, options=['views=None'])
    for config in (load_config(heir), given, load_config(LEAF)):
        text = config.pretty_text
        assert use_views(config) is None
        assert config.pretty_text == text
    assert use_views(load_config(heir), tta=True) == Views()


def test_views_on_the_command_line():
    options = ['views.shifts=((0,0),(4,0))', 'views.flip=False']
    config = load_config(LEAF, options=options)
    assert use_views(config).count == 6
    assert config.model.shifts == ((0, 0), (4, 0))


@pytest.mark.parametrize(
    ('views', 'message'),
    [
        ('dict(scale=1)', "views has no entry 'scale', only scales, flip, sh"),
        ('True', 'views must be a dict of scales, flip, shifts, or None, got'),
        ('dict(scales=1.0)', r'views\.scales must be a list of .*, got 1\.0'),
        ('dict(scales=())', r'views\.scales must be a list of .*, got \(\)'),
        ('dict(scales=(1, 0))', r'views\.scales must .* got \(1, 0\)'),
        ('dict(scales=("a",))', r"views\.scales must .* got \('a',\)"),
        ('dict(flip=1)', r'views\.flip must be True or False, got 1'),
    ],
)
def test_a_mistake_is_refused_as_the_config_is_read(make_leaf, views, message):
    leaf = make_leaf(views)
    with pytest.raises(UserError, match=message) as caught:
        load_config(leaf)
    assert str(caught.value).startswith(f'{leaf}: views')
    assert '\n' not in str(caught.value)


def test_a_wrong_shift_is_refused_in_one_line(make_leaf, tmp_path):
    leaf = make_leaf('dict(shifts=((0, 0), (8, 0)))')  # of stride 8
    config = load_config(leaf)
    use_views(config)
    config.work_dir = str(tmp_path)
    with pytest.raises(UserError, match=r'shifts must .* got \(8, 0\)$'):
        build_runner(config, leaf)


def test_another_segmentor_is_refused():
    config = load_config(LEAF)
    config.model.type = 'EncoderDecoder'
    with pytest.raises(UserError, match=r"--tta: model\.type is 'Encoder"):
        use_views(config, tta=True)


def test_the_models_own_preprocessor_goes_before_that_of_the_data(tmp_path):
    own = {**load_config(LEAF).data_preprocessor, 'mean': [1.0, 2.0, 3.0]}
    config = load_config(LEAF, options=SMALL)
    config.model.data_preprocessor = own
    use_views(config, tta=True)
    config.work_dir = str(tmp_path)
    model = build_runner(config, LEAF).model
    mean = model.module.data_preprocessor.mean.flatten()
    assert mean.tolist() == [1.0, 2.0, 3.0]


@pytest.fixture(scope='module')
def trained(mini_root, tmp_path_factory):
    """A leaf with views and the checkpoint of a short run of it."""
    folder = tmp_path_factory.mktemp('viewed')
    leaf = folder / 'm' / 'viewed_minivoc.py'
    leaf.parent.mkdir()
    leaf.write_text(
        f"# Two views.\n_base_ = '{LEAF}'\nviews = {SHIFTED}\n"
        'model = dict(post_processors=None)\n'
    )
    short = ('train_cfg.max_iters=2', 'train_cfg.val_interval=2')
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setattr('zoo.engine.experiment.build_runner', one_view_only)
        options = TrainOptions(
            options=(*SMALL, *short), data_root=str(mini_root)
        )
        checkpoint = train(leaf, options).resolve()
    return leaf, checkpoint


def one_view_only(config, path):
    """Build the runner of a training, which must know nothing of views."""
    runner = build_runner(config, path)
    assert type(runner.model).__name__ == 'PostProcessedEncoderDecoder'
    steps = [s['type'] for s in config.val_dataloader.dataset.pipeline]
    assert 'TestTimeAug' not in steps
    return runner


def probabilities(predictor, image, folder):
    """Return what one view of a picture ``(H, W, 3)`` says of it."""
    path = folder / 'view.png'
    Image.fromarray(np.ascontiguousarray(image)).save(path)
    return predictor(path).seg_logits.data.softmax(0)


def test_a_checkpoint_of_single_views_is_what_is_tested(trained, tmp_path):
    leaf, checkpoint = trained
    loaded = Predictor(leaf, checkpoint, options=SMALL, work_dir=tmp_path)
    assert type(loaded.model).__name__ == 'MultiViewSegmentor'
    state = torch.load(checkpoint, weights_only=True)['state_dict']
    found = loaded.model.module.state_dict()
    assert found.keys() == state.keys()
    assert all(torch.equal(found[key], state[key]) for key in state)
    other = Predictor(
        leaf, checkpoint, options=(*SMALL, 'views=None'), work_dir=tmp_path
    )
    assert type(other.model).__name__ == 'PostProcessedEncoderDecoder'


def test_a_prediction_averages_the_flipped_view(trained, mini_root, tmp_path):
    leaf, checkpoint = trained
    both = ('views.flip=True', 'views.shifts=((0,0),)')
    several, one = (
        Predictor(leaf, checkpoint, options=(*SMALL, *more), work_dir=tmp_path)
        for more in (both, ('views=None',))
    )
    photo = sorted((mini_root / 'JPEGImages').iterdir())[0]
    image = np.asarray(Image.open(photo))
    plain = probabilities(one, image, tmp_path)
    mirrored = probabilities(one, image[:, ::-1], tmp_path)
    expected = (plain + mirrored.flip(2)) / 2
    assert (plain - expected).abs().max() > 1e-4
    found = several(photo).seg_logits.data.exp()
    torch.testing.assert_close(found, expected, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize(('tta', 'count'), [(False, None), (True, 6)])
def test_a_prediction_of_a_leaf_without_views(
    trained, mini_root, tmp_path, monkeypatch, tta, count
):
    chosen = []

    def spy(config, **kwargs):
        views = use_views(config, **kwargs)
        chosen.append(views and views.count)
        return views

    monkeypatch.setattr('zoo.engine.prediction.use_views', spy)
    leaf, checkpoint = trained
    photo = sorted((mini_root / 'JPEGImages').iterdir())[0]
    options = (*SMALL, 'views=None')
    done = predict(
        [photo], leaf, checkpoint, tmp_path, options=options, tta=tta
    )
    assert list(done) == [photo]
    assert chosen == [count]


def test_test_and_prediction_of_a_leaf_with_views_agree(
    trained, mini_root, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    leaf, checkpoint = trained
    options = TestOptions(
        options=SMALL, data_root=str(mini_root), masks='m', probs='p'
    )
    job = Job(str(leaf), str(checkpoint), None)
    (record,) = run_jobs([job], lambda _: options, out=None, keep=None)
    assert record['views'] == 2
    (file,) = tmp_path.glob('work_dirs/*/*/seed0/record_val_views2_*.json')
    assert read_record(file)['multi_view'] == {
        'scales': [1.0],
        'flip': False,
        'shifts': [[0, 0], [2, 5]],
    }
    assert json.dumps(record['multi_view'])
    photo = next(
        p
        for p in (mini_root / 'JPEGImages').iterdir()
        if p.stem in record['per_image']
    )
    list(predict([photo], leaf, checkpoint, 'out', options=SMALL))
    masks = (f'm/{photo.stem}.png', f'out/{photo.stem}_mask.png')
    tested, predicted = (np.asarray(Image.open(m)) for m in masks)
    assert (tested == predicted).all()
    probs = np.load(f'p/{photo.stem}.npy').astype(np.float32)
    alone = (*SMALL, 'views=None')
    two, one = (
        Predictor(leaf, checkpoint, options=o, work_dir=tmp_path)(photo)
        .seg_logits.data.softmax(0)
        .numpy()
        for o in (SMALL, alone)
    )
    assert np.abs(probs - two).max() < 1e-4  # float16 rounds
    assert np.abs(probs - one).max() > 3e-4
