# FCRN-50, stride 8, 3 x 3 taps of dilation 18, VOC 2012 val:
# 70.01 mIoU in the paper (Table 1).
_base_ = './r50-k5d12_voc.py'
model = dict(decode_head=dict(kernel_size=3, dilation=18))
published = [
    dict(
        method='FCRN-50 stride8 k3 d18 (FoV 296)',
        dataset='VOC2012',
        split='val',
        metric=metric,
    )
    for metric in ('pixel_acc', 'mean_acc', 'mIoU')
]
