# FCRN-50, stride 8, 5 x 5 taps of dilation 12, Cityscapes val:
# 68.71 mIoU in the paper (Table 3).
_base_ = [
    '../_base_/models/fcrn_resnet50.py',
    '../_base_/datasets/cityscapes.py',
    '../_base_/schedules/fcrn_linear.py',
    '../_base_/default_runtime.py',
]
model = dict(decode_head=dict(num_classes=19))
published = [
    dict(
        method='FCRN-50 stride8 k5 d12 (FoV 392)',
        dataset='Cityscapes',
        split='val',
        metric=metric,
    )
    for metric in ('pixel_acc', 'mean_acc', 'mIoU')
]
