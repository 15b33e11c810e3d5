# Zoom-out, local, proximal and global features only, linear, VOC 2012 val:
# 43.4 mIoU in the paper (Table 1), whose network is CNN-S; here VGG-16.
_base_ = './vgg16-linear_voc.py'
model = dict(
    backbone=dict(use=['local', 'proximal', 'global']),
    decode_head=dict(in_channels=7755),
)
published = [
    dict(
        method='Zoom-out (CNN-S, linear) local+proximal+global',
        dataset='VOC2012',
        split='val',
        metric='mIoU',
    )
]
