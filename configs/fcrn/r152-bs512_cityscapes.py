# FCRN-152 bootstrapped with the 512 hardest cells of a crop, Cityscapes val:
# 74.64 mIoU in the paper (Table 7).
_base_ = './r152-k5d12_cityscapes.py'
model = dict(
    decode_head=dict(
        loss_decode=dict(
            _delete_=True, type='BootstrappedCrossEntropyLoss', k=512
        )
    )
)
published = [
    dict(
        method='FCRN-152 stride8 k5 d12, bootstrapping keep 512',
        dataset='Cityscapes',
        split='val',
        metric=metric,
    )
    for metric in ('pixel_acc', 'mean_acc', 'mIoU')
]
