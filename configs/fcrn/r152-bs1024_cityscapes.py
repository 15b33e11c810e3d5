# FCRN-152 bootstrapped with the 1024 hardest cells of a crop, Cityscapes val:
# 73.45 mIoU in the paper (Table 7).
_base_ = './r152-bs512_cityscapes.py'
model = dict(decode_head=dict(loss_decode=dict(k=1024)))
published = [
    dict(
        method='FCRN-152 stride8 k5 d12, bootstrapping keep 1024',
        dataset='Cityscapes',
        split='val',
        metric=metric,
    )
    for metric in ('pixel_acc', 'mean_acc', 'mIoU')
]
