# Zoom-out with one hidden layer of 512, VOC 2012 val:
# 63.0 mIoU in the paper (Table 2).
_base_ = './vgg16-linear_voc.py'
model = dict(decode_head=dict(hidden=[512]))
published = [
    dict(
        method='Zoom-out VGG-16, 2 layers, units 512',
        dataset='VOC2012',
        split='val',
        metric='mIoU',
    )
]
