"""Two networks and a grouping: what is undone, averaged, put together."""

import pytest
import torch
from mmengine.model import BaseModel
from mmengine.structures import InstanceData, PixelData
from mmseg.registry import MODELS
from mmseg.structures import SegDataSample
from support import ROOT
from torch import nn

from zoo.engine.config import load_config
from zoo.errors import UserError
from zoo.models.segmentors import (
    InstanceSegmentor,
    MultiViewSegmentor,
    TrueBoxes,
    TrueClasses,
)

BOXES = ROOT / 'configs/fcrn/r18-boxes_minivoc.py'
THINGS = 7
META = {'img_shape': (9, 17), 'ori_shape': (9, 17), 'img_path': 'a.png'}


def build_regressor():
    config = load_config(BOXES)
    config.model.backbone.update(base_channels=2, stem_channels=2)
    config.model.decode_head.in_channels = 16
    config.model.data_preprocessor = config.data_preprocessor
    return MODELS.build(config.model).eval()


def sample(**meta):
    return SegDataSample(metainfo={**META, **meta})


def constant(size, *box):
    """Return box maps that say the same box everywhere, for all things."""
    values = torch.tensor(box).float().repeat(THINGS)
    return values[None, :, None, None].expand(1, -1, *size)


@pytest.mark.parametrize(
    ('direction', 'expected'),
    [
        ('horizontal', (1.0, -2.0, 3.0, 4.0)),
        ('vertical', (-1.0, 2.0, 3.0, 4.0)),
    ],
)
def test_a_mirrored_view_sees_the_centre_on_the_other_side(
    direction, expected
):
    seen = constant((9, 17), 1, 2, 3, 4)
    meta = {'flip': True, 'flip_direction': direction}
    (boxes,) = build_regressor().maps(seen, [sample(**meta)])
    assert torch.allclose(boxes, constant((9, 17), *expected)[0])


def test_mirroring_moves_the_maps_too():
    seen = torch.arange(17.0).expand(1, 4 * THINGS, 9, 17).clone()
    meta = {'flip': True, 'flip_direction': 'horizontal'}
    (boxes,) = build_regressor().maps(seen, [sample(**meta)])
    assert torch.equal(boxes[2, 0], torch.arange(16.0, -1, -1))
    assert torch.equal(boxes[1, 0], -torch.arange(16.0, -1, -1))


def test_lengths_of_a_larger_view_shrink_in_their_own_direction():
    seen = constant((18, 51), 2, 6, 4, 12)
    meta = {'img_shape': (18, 51)}
    (boxes,) = build_regressor().maps(seen, [sample(**meta)])
    assert torch.allclose(boxes, constant((9, 17), 1, 2, 2, 4)[0])


def test_a_sample_leaves_with_boxes_and_nothing_else():
    model = build_regressor()
    seen = torch.rand(1, 4 * THINGS, 9, 17)
    (found,) = model.postprocess_result(seen, [sample()])
    assert torch.allclose(found.pred_boxes.data, seen[0])
    assert set(found.keys()) == {'pred_boxes'}


def test_boxes_of_several_views_are_averaged():
    model = build_regressor()
    shown = iter(
        [constant((9, 17), 1, 2, 3, 4), constant((9, 17), 5, 6, 7, 8)]
    )
    model.inference = lambda inputs, metas: next(shown)
    flipped = {'flip': True, 'flip_direction': 'horizontal'}
    data = {
        'inputs': [[torch.zeros(3, 9, 17, dtype=torch.uint8)]] * 2,
        'data_samples': [[sample()], [sample(**flipped)]],
    }
    (found,) = MultiViewSegmentor(model).test_step(data)
    expected = constant((9, 17), 3, -2, 5, 6)[0]
    assert torch.allclose(found.pred_boxes.data, expected)


@pytest.fixture
def parts():
    """Register two parts that say what they are told, and a grouper."""

    class Says(BaseModel):
        def __init__(self, key, value, data_preprocessor=None):
            BaseModel.__init__(self)
            self.key, self.value, self.calls = key, value, 0
            self.preprocessing = data_preprocessor

        def test_step(self, data):
            self.calls += 1
            assert not torch.is_grad_enabled()
            samples = [item.clone() for item in data['data_samples']]
            for item in samples:
                data = torch.full((2, 3, 4), float(self.value))
                item.set_data({self.key: PixelData(data=data)})
            return samples

        def forward(self, *args, **kwargs):
            raise AssertionError

    class SaysBoxes(Says, TrueBoxes):
        things = [1]

    class Sums(nn.Module):
        things = [1]

        def forward(self, probs, boxes):
            return InstanceData(scores=(probs.sum() + boxes.sum())[None])

    modules = (Says, SaysBoxes, Sums)
    for module in modules:
        MODELS.register_module(name=module.__name__, module=module)
    yield
    for module in modules:
        MODELS.module_dict.pop(module.__name__)


def says(key, value, **more):
    kind = 'SaysBoxes' if key == 'pred_boxes' else 'Says'
    return {'type': kind, 'key': key, 'value': value, **more}


def test_each_part_is_asked_once_and_the_grouper_gets_both(parts):
    model = InstanceSegmentor(
        semantic=says('seg_logits', 5),
        localisation=says('pred_boxes', 2),
        grouper={'type': 'Sums'},
    )
    data = {'inputs': [None] * 2, 'data_samples': [sample(), sample()]}
    found = model.test_step(data)
    # equal logits of two classes are halves: 12 pixels sum to 12
    expected = 12 + 24 * 2
    assert [float(x.pred_instances.scores) for x in found] == [expected] * 2
    assert (model.semantic.calls, model.localisation.calls) == (1, 1)


def test_a_look_without_grouping_keeps_no_graph_either(parts):
    model = InstanceSegmentor(
        semantic=says('seg_logits', 5),
        localisation=says('pred_boxes', 2),
        grouper={'type': 'Sums'},
    )
    data = {'inputs': [None], 'data_samples': [sample()]}
    ((_, probs, boxes),) = model.seen(data)
    assert torch.equal(probs, torch.full((2, 3, 4), 0.5))
    assert torch.equal(boxes, torch.full((2, 3, 4), 2.0))


def test_parts_keep_their_own_preprocessing(parts):
    model = InstanceSegmentor(
        semantic=says('seg_logits', 0, data_preprocessor={'of': 'its own'}),
        localisation=says('pred_boxes', 0),
        grouper={'type': 'Sums'},
        data_preprocessor={'of': 'the data'},
    )
    assert model.semantic.preprocessing == {'of': 'its own'}
    assert model.localisation.preprocessing == {'of': 'the data'}


def test_there_is_nothing_to_train(parts):
    model = InstanceSegmentor(
        semantic=says('seg_logits', 0),
        localisation=says('pred_boxes', 0),
        grouper={'type': 'Sums'},
    )
    with pytest.raises(UserError, match='Train the leaf of each part'):
        model.forward(None, None, mode='loss')


def labelled():
    """Return a sample of 3 x 4 pixels with two instances of class 2."""
    found = sample()
    labels = torch.tensor([[2, 2, 0, 255], [2, 2, 0, 2], [1, 1, 0, 2]])
    numbers = torch.tensor([[1, 1, 0, 255], [1, 1, 0, 2], [0, 0, 0, 2]])
    found.gt_sem_seg = PixelData(data=labels[None])
    found.gt_instance_map = PixelData(data=numbers[None])
    found.gt_instances = InstanceData(
        labels=torch.tensor([2, 2]),
        bboxes=torch.tensor([[0.0, 0, 2, 2], [3, 1, 4, 3]]),
    )
    return found


def test_true_classes_are_sure_and_void_is_background():
    model = TrueClasses(num_classes=3)
    (found,) = model.test_step({'data_samples': [labelled()]})
    probs = found.seg_logits.data.softmax(0)
    truth = torch.tensor([[2, 2, 0, 0], [2, 2, 0, 2], [1, 1, 0, 2]])
    for label in range(3):
        assert torch.equal(probs[label], (truth == label).float())


def test_true_boxes_are_those_of_the_instance_in_all_channels():
    model = TrueBoxes(things=[2, 1])
    (found,) = model.test_step({'data_samples': [labelled()]})
    boxes = found.pred_boxes.data.unflatten(0, (2, 4))
    assert torch.equal(boxes[0], boxes[1])
    assert boxes[0, :, 0, 0].tolist() == [0.5, 0.5, 2, 2]
    assert boxes[0, :, 1, 1].tolist() == [-0.5, -0.5, 2, 2]
    assert boxes[0, :, 2, 3].tolist() == [-0.5, 0.0, 2, 1]
    for row, column in ((0, 2), (0, 3), (2, 0)):
        assert boxes[0, :, row, column].tolist() == [0, 0, 0, 0]


def test_oracles_find_exactly_the_truth():
    model = InstanceSegmentor(
        semantic={'type': 'TrueClasses', 'num_classes': 3},
        localisation={'type': 'TrueBoxes', 'things': [1, 2]},
        grouper={
            'type': 'HoughInstances',
            'things': [1, 2],
            'stride': 1,
            'min_pixels': 2,
        },
        shifts=((0, 0),),  # an oracle sees the same in every view
    )
    data = {'inputs': [None, None], 'data_samples': [(labelled(),)] * 2}
    (found,) = model.test_step(data)
    numbers = labelled().gt_instance_map.data[0]
    masks = found.pred_instances.masks
    assert torch.equal(masks, torch.stack([numbers == 1, numbers == 2]))
    assert found.pred_instances.labels.tolist() == [2, 2]


ORACLES = {
    'semantic': {'type': 'TrueClasses', 'num_classes': 3},
    'localisation': {'type': 'TrueBoxes', 'things': [1, 2]},
    'grouper': {'type': 'HoughInstances', 'things': [1, 2], 'stride': 1},
}


@pytest.mark.parametrize(
    ('changed', 'words'),
    [
        ({'semantic': ORACLES['localisation']}, 'semantic must be a segmen'),
        ({'localisation': ORACLES['semantic']}, 'for boxes, got a TrueCla'),
        (
            {'grouper': {**ORACLES['grouper'], 'things': [2, 1]}},
            r'grouper.things are \[2, 1\], those of localisation \[1, 2\]',
        ),
    ],
)
def test_parts_that_were_mixed_up_are_refused(changed, words):
    with pytest.raises(ValueError, match=words):
        InstanceSegmentor(**{**ORACLES, **changed})


def test_a_part_that_cannot_average_views_is_refused(parts):
    options = {
        'semantic': says('seg_logits', 0),
        'localisation': says('pred_boxes', 0),
        'grouper': {'type': 'Sums'},
    }
    with pytest.raises(ValueError, match='Says cannot average views'):
        InstanceSegmentor(**options, shifts=((0, 0),))


def test_an_oracle_without_the_truth_says_so():
    blind = sample()
    with pytest.raises(UserError, match='TrueClasses: an oracle looks at gt'):
        TrueClasses(num_classes=3).test_step({'data_samples': [blind]})


def test_boxes_need_to_know_the_original_size():
    with pytest.raises(ValueError, match='give samples with ori_shape'):
        build_regressor().postprocess_result(torch.zeros(1, 28, 9, 17))
