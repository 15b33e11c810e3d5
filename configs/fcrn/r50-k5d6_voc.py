# FCRN-50, stride 8, 5 x 5 taps of dilation 6, VOC 2012 val:
# 69.81 mIoU in the paper (Table 1).
_base_ = './r50-k5d12_voc.py'
model = dict(decode_head=dict(kernel_size=5, dilation=6))
published = [
    dict(
        method='FCRN-50 stride8 k5 d6 (FoV 200)',
        dataset='VOC2012',
        split='val',
        metric=metric,
    )
    for metric in ('pixel_acc', 'mean_acc', 'mIoU')
]
