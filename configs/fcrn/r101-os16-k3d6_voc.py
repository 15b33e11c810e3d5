# FCRN-101, stride 16, 3 x 3 taps of dilation 6, VOC 2012 val:
# 70.93 mIoU in the paper (Table 1).
_base_ = './r101-k5d12_voc.py'
model = dict(
    backbone=dict(output_stride=16),
    decode_head=dict(kernel_size=3, dilation=6, output_stride=16),
)
published = [
    dict(
        method='FCRN-101 stride16 k3 d6 (FoV 208)',
        dataset='VOC2012',
        split='val',
        metric=metric,
    )
    for metric in ('pixel_acc', 'mean_acc', 'mIoU')
]
