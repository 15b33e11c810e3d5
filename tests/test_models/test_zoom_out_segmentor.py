"""Training on rows, testing on photographs."""

import torch
from mmengine.model import BaseModule
from mmengine.registry import init_default_scope
from mmseg.registry import MODELS
from torch.nn import functional


@MODELS.register_module()
class HalvedRows(BaseModule):
    """Describes a superpixel by its number; standardising halves it."""

    def standardise(self, rows):
        return rows.float() / 2

    def forward(self, inputs, photos, superpixels):
        return [
            self.standardise(torch.arange(labels.max() + 1)[:, None])
            for labels in superpixels
        ]


def build():
    init_default_scope('mmseg')
    return MODELS.build(
        {
            'type': 'ZoomOutSegmentor',
            'data_preprocessor': {'type': 'TablePreProcessor'},
            'backbone': {'type': 'HalvedRows'},
            'decode_head': {
                'type': 'SuperpixelHead',
                'in_channels': 1,
                'num_classes': 3,
            },
            'superpixels': {'n_segments': 6},
            'train_cfg': {},
            'test_cfg': {'mode': 'whole'},
        }
    )


def test_losses_are_those_of_standardised_rows():
    model = build()
    rows = torch.randn(8, 1).half()
    labels = torch.tensor([0, 1, 2, 0, 255, 1, 2, 2])
    losses = model(rows, labels, mode='loss')
    logits = model.decode_head(rows.float() / 2)
    expected = functional.cross_entropy(logits, labels, ignore_index=255)
    torch.testing.assert_close(losses['decode.loss_ce'], expected)
    assert 'decode.acc_seg' in losses


def test_an_iteration_moves_the_classifier():
    model = build()
    optimizer = torch.optim.SGD(model.parameters(), lr=1.0)
    rows, labels = torch.randn(8, 1), torch.randint(0, 3, (8,))
    before = model.decode_head.layers[0].weight.clone()
    parsed, _ = model.parse_losses(model(rows, labels, mode='loss'))
    parsed.backward()
    optimizer.step()
    assert not torch.equal(model.decode_head.layers[0].weight, before)


def test_an_image_is_predicted_from_its_superpixels():
    model = build().eval()
    with torch.no_grad():
        logits = model.encode_decode(
            torch.zeros(1, 3, 20, 30), [{'img_shape': (20, 30)}]
        )
    values = logits[0, 0].unique()
    expected = model.decode_head(torch.arange(6)[:, None] / 2)[:, 0]
    torch.testing.assert_close(values, expected.detach().sort().values)
