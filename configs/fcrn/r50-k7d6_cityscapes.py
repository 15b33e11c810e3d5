# FCRN-50, stride 8, 7 x 7 taps of dilation 6, Cityscapes val:
# 68.79 mIoU in the paper (Table 3).
_base_ = './r50-k5d12_cityscapes.py'
model = dict(decode_head=dict(kernel_size=7, dilation=6))
published = [
    dict(
        method='FCRN-50 stride8 k7 d6 (FoV 296)',
        dataset='Cityscapes',
        split='val',
        metric=metric,
    )
    for metric in ('pixel_acc', 'mean_acc', 'mIoU')
]
