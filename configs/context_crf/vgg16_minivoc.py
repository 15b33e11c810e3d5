# Contextual deep CRF at an eighth of the width, minivoc, from random weights.
# Not a published number. Train the parts below, or all of them in one run:
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
_scale = dict(weight=4.0)  # searched on scenes of another seed, as the CRF
model = dict(
    backbone=dict(pyramid_norm=True),
    decode_head=dict(
        num_classes=12,
        relations=dict(surrounding=_scale, above_below=_scale),
    ),
    post_processors=[
        dict(
            type='DenseCRF',
            bilateral_weight=10.0,
            bilateral_xy_std=10.0,
            bilateral_rgb_std=6.0,
            gaussian_weight=0.0,
        )
    ],
)
