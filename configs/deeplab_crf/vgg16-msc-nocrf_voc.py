# DeepLab-MSc-LargeFOV without the CRF, VOC 2012 val: 64.21 mIoU (Table 1).
_base_ = './vgg16-msc_voc.py'
trained_by = 'deeplab_crf/vgg16-msc_voc'  # the CRF has no weights
model = dict(post_processors=None)
published = [
    dict(
        method='DeepLab-MSc-LargeFOV',
        dataset='VOC2012',
        split='val',
        metric='mIoU',
    )
]
