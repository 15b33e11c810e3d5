# Zoom-out, all features, linear, the symmetric loss, VOC 2012 val:
# 20.4 mIoU in the paper (Table 1), whose network is CNN-S; here VGG-16.
_base_ = './vgg16-linear_voc.py'
model = dict(
    decode_head=dict(
        loss_decode=dict(
            _delete_=True, type='CrossEntropyLoss', avg_non_ignore=True
        )
    )
)
published = [
    dict(
        method='Zoom-out (CNN-S, linear) full, symmetric loss',
        dataset='VOC2012',
        split='val',
        metric='mIoU',
    )
]
