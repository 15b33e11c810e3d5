"""Multi-view testing: which views are looked at."""

import pytest
from mmengine.dataset import Compose
from support import LEAF

from zoo.engine.config import load_config
from zoo.engine.views import use_views
from zoo.errors import UserError


def test_six_views_of_three_sizes_plain_and_mirrored(mini_root):
    config = load_config(LEAF, data_root=str(mini_root))
    assert use_views(config) == 6
    assert config.model.type == 'MultiViewSegmentor'
    photo = sorted((mini_root / 'JPEGImages').iterdir())[0]
    labels = mini_root / 'SegmentationClass' / f'{photo.stem}.png'
    found = Compose(config.test_dataloader.dataset.pipeline)(
        {
            'img_path': str(photo),
            'seg_map_path': str(labels),
            'reduce_zero_label': False,
            'seg_fields': [],
        }
    )
    sizes = [tuple(view.shape[1:]) for view in found['inputs']]
    small, same, large = (91, 121), (121, 161), (151, 201)
    assert sizes == [small, small, same, same, large, large]
    flips = [bool(sample.flip) for sample in found['data_samples']]
    assert flips == [False, True] * 3
    plain, mirrored = found['inputs'][2], found['inputs'][3]
    assert (plain.flip(2) == mirrored).all()
    truths = {s.gt_sem_seg.data.shape for s in found['data_samples']}
    assert truths == {(1, 121, 161)}  # the truth is never resized


def test_another_segmentor_is_refused():
    config = load_config(LEAF)
    config.model.type = 'EncoderDecoder'
    with pytest.raises(UserError, match=r"--tta: model\.type is 'Encoder"):
        use_views(config)
