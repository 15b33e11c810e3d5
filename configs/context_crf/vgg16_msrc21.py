# Contextual deep CRF at an eighth of the width, MSRC-21, from random weights.
# Reproduces the idea on real photographs, not a published number. Train the
# three parts that it is assembled from, the unary first, or all in one run:
#   python tools/train.py configs/context_crf/vgg16_msrc21.py
_base_ = [
    '../_base_/models/context_crf_narrow_vgg16.py',
    '../_base_/datasets/msrc21.py',
    '../_base_/schedules/scratch_context_msrc21.py',
    '../_base_/default_runtime.py',
]
assembled_from = [
    'context_crf/vgg16-unary_msrc21',
    'context_crf/vgg16-surrounding_msrc21',
    'context_crf/vgg16-above-below_msrc21',
]
_scale = dict(weight=0.25)  # searched on the validation split
model = dict(
    decode_head=dict(relations=dict(surrounding=_scale, above_below=_scale)),
    post_processors=[
        dict(
            type='DenseCRF',
            bilateral_weight=5.0,
            bilateral_xy_std=40.0,
            bilateral_rgb_std=6.0,
        )
    ],
)
