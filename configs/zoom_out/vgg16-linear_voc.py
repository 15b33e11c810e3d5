# Zoom-out, all features, linear, the asymmetric loss, VOC 2012 val:
# 52.4 mIoU in the paper (Tables 1 and 2), whose network is CNN-S; here VGG-16.
_base_ = [
    '../_base_/models/zoom_out_vgg16.py',
    '../_base_/datasets/voc_superpixels.py',
    '../_base_/schedules/zoom_out_fixed.py',
    '../_base_/default_runtime.py',
]
model = dict(superpixels={{_base_.superpixels}})
default_hooks = dict(checkpoint=dict(interval=20000))
published = [
    dict(
        method='Zoom-out (CNN-S, linear) full, asymmetric loss',
        dataset='VOC2012',
        split='val',
        metric='mIoU',
    )
]
