# Zoom-out, local and proximal features only, linear, VOC 2012 val:
# 17.7 mIoU in the paper (Table 1), whose network is CNN-S; here VGG-16.
_base_ = './vgg16-linear_voc.py'
model = dict(
    backbone=dict(use=['local', 'proximal']),
    decode_head=dict(in_channels=3659),
)
published = [
    dict(
        method='Zoom-out (CNN-S, linear) local+proximal',
        dataset='VOC2012',
        split='val',
        metric='mIoU',
    )
]
