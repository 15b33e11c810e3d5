# DeepLab-LargeFOV without the CRF, VOC 2012 val: 62.25 mIoU (Table 1).
_base_ = './vgg16_voc.py'
trained_by = 'deeplab_crf/vgg16_voc'  # the CRF has no weights
model = dict(post_processors=None)
published = [
    dict(
        method='DeepLab-LargeFOV',
        dataset='VOC2012',
        split='val',
        metric='mIoU',
    )
]
