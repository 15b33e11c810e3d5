# DeepLab-CRF-LargeFOV, poly policy, Cityscapes val: 63.1 mIoU on test in
# arXiv:1606.00915, Sec. 4.4, submitted before the data set's release. Scales,
# crops and batches are chosen: those of cityscapes.py.
_base_ = [
    '../_base_/models/deeplab_vgg16.py',
    '../_base_/datasets/cityscapes.py',
    '../_base_/schedules/deeplab_poly.py',
    '../_base_/default_runtime.py',
]
model = dict(
    decode_head=dict(num_classes=19),
    post_processors=[dict(type='DenseCRF', preset='DeepLab-LargeFOV')],
)
published = [
    dict(
        method='DeepLab-CRF VGG-16 (pre-release)',
        dataset='Cityscapes',
        split='test',
        metric='mIoU',
    )
]
