# Zoom-out with one hidden layer of 1024, VOC 2012 val:
# 63.5 mIoU in the paper (Table 2).
#   python tools/train.py configs/zoom_out/vgg16_voc.py
_base_ = './vgg16-linear_voc.py'
model = dict(decode_head=dict(hidden=[1024]))
published = [
    dict(
        method='Zoom-out VGG-16, 2 layers, units 1024',
        dataset='VOC2012',
        split='val',
        metric='mIoU',
    )
]
