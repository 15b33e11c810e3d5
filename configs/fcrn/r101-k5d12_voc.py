# FCRN-101, stride 8, 5 x 5 taps of dilation 12, VOC 2012 val:
# 73.41 mIoU in the paper (Table 1).
_base_ = [
    '../_base_/models/fcrn_resnet101.py',
    '../_base_/datasets/voc_crop500.py',
    '../_base_/schedules/fcrn_linear.py',
    '../_base_/default_runtime.py',
]
published = [
    dict(
        method='FCRN-101 stride8 k5 d12 (FoV 392)',
        dataset='VOC2012',
        split='val',
        metric=metric,
    )
    for metric in ('pixel_acc', 'mean_acc', 'mIoU')
]
