# FCRN-101 bootstrapped with the 256 hardest cells of a crop, VOC 2012 val:
# 74.41 mIoU in the paper (Table 7).
_base_ = './r101-bs512_voc.py'
model = dict(decode_head=dict(loss_decode=dict(k=256)))
published = [
    dict(
        method='FCRN-101 stride8 k5 d12, bootstrapping keep 256',
        dataset='VOC2012',
        split='val',
        metric=metric,
    )
    for metric in ('pixel_acc', 'mean_acc', 'mIoU')
]
