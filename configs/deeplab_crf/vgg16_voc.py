# DeepLab-CRF-LargeFOV, VOC 2012 val: 67.64 mIoU in the paper (Table 1).
#   python tools/train.py configs/deeplab_crf/vgg16_voc.py
_base_ = [
    '../_base_/models/deeplab_vgg16.py',
    '../_base_/datasets/voc.py',
    '../_base_/schedules/deeplab_step.py',
    '../_base_/default_runtime.py',
]
model = dict(
    post_processors=[dict(type='DenseCRF', preset='DeepLab-LargeFOV')]
)
published = [
    dict(
        method='DeepLab-CRF-LargeFOV',
        dataset='VOC2012',
        split='val',
        metric='mIoU',
    )
]
