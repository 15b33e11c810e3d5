# FCRN-101, stride 8, 3 x 3 taps of dilation 12, VOC 2012 val:
# 72.34 mIoU in the paper (Table 1).
_base_ = './r101-k5d12_voc.py'
model = dict(decode_head=dict(kernel_size=3, dilation=12))
published = [
    dict(
        method='FCRN-101 stride8 k3 d12 (FoV 200)',
        dataset='VOC2012',
        split='val',
        metric=metric,
    )
    for metric in ('pixel_acc', 'mean_acc', 'mIoU')
]
