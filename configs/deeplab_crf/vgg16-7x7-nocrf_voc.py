# DeepLab-7x7 without the CRF, VOC 2012 val: 64.38 mIoU (Table 1).
_base_ = './vgg16-7x7_voc.py'
trained_by = 'deeplab_crf/vgg16-7x7_voc'  # the CRF has no weights
model = dict(post_processors=None)
published = [
    dict(
        method='DeepLab-7x7',
        dataset='VOC2012',
        split='val',
        metric='mIoU',
    )
]
