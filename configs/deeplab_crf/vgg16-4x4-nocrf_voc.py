# DeepLab-4x4 without the CRF, VOC 2012 val: 63.41 mIoU (Table 2).
_base_ = './vgg16-4x4_voc.py'
trained_by = 'deeplab_crf/vgg16-4x4_voc'  # the CRF has no weights
model = dict(post_processors=None)
published = [
    dict(
        method='DeepLab-4x4 (k4 r8 FOV224)',
        dataset='VOC2012',
        split='val',
        metric='mIoU_before_crf',
    )
]
