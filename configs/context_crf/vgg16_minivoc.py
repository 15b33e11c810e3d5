# Contextual deep CRF at an eighth of the width, minivoc, from random weights.
# Reproduces the idea, not a published number. Train the parts that it names,
# or all of them in one run:
#   python tools/train.py configs/context_crf/vgg16_minivoc.py
_base_ = [
    '../_base_/models/context_crf_narrow_vgg16.py',
    '../_base_/datasets/minivoc.py',
    '../_base_/schedules/scratch_context_minivoc.py',
    '../_base_/default_runtime.py',
]
assembled_from = [
    f'context_crf/vgg16-{part}_minivoc'
    for part in ('unary', 'surrounding', 'above-below')
]
# searched on scenes of another seed, as was the messages' weight of 1
crf = dict(
    type='DenseCRF',
    bilateral_weight=1.5,
    bilateral_xy_std=30.0,
    bilateral_rgb_std=6.0,
    gaussian_weight=0.0,
)
model = dict(
    backbone=dict(pyramid_norm=True),
    decode_head=dict(num_classes=12),
    post_processors=[crf],
)
