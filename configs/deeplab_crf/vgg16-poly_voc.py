# DeepLab-CRF-LargeFOV, poly policy, VOC 2012 val: 69.84 mIoU in
# arXiv:1606.00915, Table 3; 65.76 there without CRF (65.88 in its Table 2).
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
