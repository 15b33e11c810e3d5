# Contextual deep CRF at an eighth of the width, minivoc, from random weights.
# Reproduces the idea, not a published number; CRF parameters are ours. Train
# the three parts that it is assembled from, or all in one run:
#   python tools/train.py configs/context_crf/vgg16_minivoc.py
_base_ = [
    '../_base_/models/context_crf_narrow_vgg16.py',
    '../_base_/datasets/minivoc.py',
    '../_base_/schedules/scratch_context_minivoc.py',
    '../_base_/default_runtime.py',
]
assembled_from = [
    'context_crf/vgg16-unary_minivoc',
    'context_crf/vgg16-surrounding_minivoc',
    'context_crf/vgg16-above-below_minivoc',
]
model = dict(
    decode_head=dict(num_classes=12),
    post_processors=[
        dict(
            type='DenseCRF',
            bilateral_weight=5.0,
            bilateral_xy_std=10.0,
            bilateral_rgb_std=6.0,
            gaussian_weight=1.0,
        )
    ],
)
