# Zoom-out with two hidden layers of 256 with dropout, VOC 2012 val:
# 57.0 mIoU in the paper (Table 2), whose network is CNN-S; here VGG-16.
_base_ = './vgg16-linear_voc.py'
model = dict(decode_head=dict(hidden=[256, 256], dropout=0.5))
published = [
    dict(
        method='Zoom-out CNN-S, 3 layers, units 256+256 dropout',
        dataset='VOC2012',
        split='val',
        metric='mIoU',
    )
]
