# Zoom-out, local and global features only, linear, VOC 2012 val:
# 41.8 mIoU in the paper (Table 1), whose network is CNN-S; here VGG-16.
_base_ = './vgg16-linear_voc.py'
model = dict(
    backbone=dict(use=['local', 'global']),
    decode_head=dict(in_channels=5937),
)
published = [
    dict(
        method='Zoom-out (CNN-S, linear) local+global',
        dataset='VOC2012',
        split='val',
        metric='mIoU',
    )
]
