# FCRN as submitted, in our reading: bootstrapped, dropout, a two-layer
# classifier, several views; VOC 2012 test: 79.1 mIoU in the paper (Table 2).
_base_ = [
    '../_base_/models/fcrn_final_resnet101.py',
    '../_base_/datasets/voc_crop500.py',
    '../_base_/schedules/fcrn_linear.py',
    '../_base_/default_runtime.py',
]
views = dict(scales=(0.75, 1.0, 1.25), flip=True)
published = [
    dict(
        method=(
            'FCRN final (dropout + multi-layer classifier + multi-view test '
            '+ bootstrapping) [VOC+SBD]'
        ),
        dataset='VOC2012',
        split='test',
        metric='mIoU',
    )
]
