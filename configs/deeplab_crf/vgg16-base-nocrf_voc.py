# DeepLab without the CRF, VOC 2012 val: 59.80 mIoU (Table 1).
_base_ = './vgg16-base_voc.py'
trained_by = 'deeplab_crf/vgg16-base_voc'  # the CRF has no weights
model = dict(post_processors=None)
published = [
    dict(
        method='DeepLab',
        dataset='VOC2012',
        split='val',
        metric='mIoU',
    )
]
