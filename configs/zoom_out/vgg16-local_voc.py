# Zoom-out, local features only, linear, VOC 2012 val:
# 14.6 mIoU in the paper (Table 1), whose network is CNN-S; here VGG-16.
_base_ = './vgg16-linear_voc.py'
model = dict(
    backbone=dict(use=['local']),
    decode_head=dict(in_channels=1841),
)
published = [
    dict(
        method='Zoom-out (CNN-S, linear) local',
        dataset='VOC2012',
        split='val',
        metric='mIoU',
    )
]
