# FCRN-101 bootstrapped with the 1024 hardest cells of a crop, VOC 2012 val:
# 74.17 mIoU in the paper (Table 7).
_base_ = './r101-bs512_voc.py'
model = dict(decode_head=dict(loss_decode=dict(k=1024)))
published = [
    dict(
        method='FCRN-101 stride8 k5 d12, bootstrapping keep 1024',
        dataset='VOC2012',
        split='val',
        metric=metric,
    )
    for metric in ('pixel_acc', 'mean_acc', 'mIoU')
]
