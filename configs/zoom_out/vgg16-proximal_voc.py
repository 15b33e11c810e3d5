# Zoom-out, proximal features only, linear, VOC 2012 val:
# 15.5 mIoU in the paper (Table 1), whose network is CNN-S; here VGG-16.
_base_ = './vgg16-linear_voc.py'
model = dict(
    backbone=dict(use=['proximal']),
    decode_head=dict(in_channels=1818),
)
published = [
    dict(
        method='Zoom-out (CNN-S, linear) proximal',
        dataset='VOC2012',
        split='val',
        metric='mIoU',
    )
]
