# DeepLab-CRF-LargeFOV, poly policy, VOC 2012 val: 65.88 mIoU before the CRF
# (arXiv:1606.00915, Table 2: batch 10, 20K iterations).
_base_ = [
    '../_base_/models/deeplab_vgg16.py',
    '../_base_/datasets/voc.py',
    '../_base_/schedules/deeplab_poly.py',
    '../_base_/default_runtime.py',
]
model = dict(
    post_processors=[dict(type='DenseCRF', preset='DeepLab-LargeFOV')]
)
train_dataloader = dict(batch_size=10)
published = [
    dict(
        method='DeepLab-LargeFOV VGG-16 (poly)',
        dataset='VOC2012',
        split='val',
        metric='mIoU_after_crf',
    )
]
