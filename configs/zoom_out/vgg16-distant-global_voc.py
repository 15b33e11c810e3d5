# Zoom-out, distant and global features only, linear, VOC 2012 val:
# 47.0 mIoU in the paper (Table 1), whose network is CNN-S; here VGG-16.
_base_ = './vgg16-linear_voc.py'
model = dict(
    backbone=dict(use=['distant', 'global']),
    decode_head=dict(in_channels=8192),
)
published = [
    dict(
        method='Zoom-out (CNN-S, linear) distant+global',
        dataset='VOC2012',
        split='val',
        metric='mIoU',
    )
]
