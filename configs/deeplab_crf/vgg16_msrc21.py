# DeepLab-CRF-LargeFOV at a quarter of the width, MSRC-21, from random weights.
# Reproduces the idea on real photographs; the slides' rows are other systems'.
#   python tools/train.py configs/deeplab_crf/vgg16_msrc21.py
_base_ = [
    '../_base_/models/deeplab_narrow_vgg16.py',
    '../_base_/datasets/msrc21.py',
    '../_base_/schedules/scratch_msrc21.py',
    '../_base_/default_runtime.py',
]
model = dict(
    post_processors=[
        dict(
            type='DenseCRF',
            bilateral_weight=5.0,
            bilateral_xy_std=40.0,
            bilateral_rgb_std=6.0,
        )
    ],
)
published = [
    dict(method=method, dataset='MSRC-21', split='test', metric=metric)
    for method in ('Unary', 'Grid CRF', 'FC CRF')
    for metric in ('pixel_acc', 'mean_acc')
]
