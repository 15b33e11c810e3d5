# DeepLab-CRF-LargeFOV, poly policy, PASCAL Context val, 60 classes: 39.6 mIoU
# in arXiv:1606.00915, Sec. 4.2; 37.6 there without CRF. Scales and crops are
# chosen: those of context60.py.
_base_ = [
    '../_base_/models/deeplab_vgg16.py',
    '../_base_/datasets/context60.py',
    '../_base_/schedules/deeplab_poly.py',
    '../_base_/default_runtime.py',
]
model = dict(
    decode_head=dict(num_classes=60),
    post_processors=[dict(type='DenseCRF', preset='DeepLab-LargeFOV')],
)
published = [
    dict(
        method='DeepLab-LargeFOV VGG-16',
        dataset='PASCAL-Context-60',
        split='val',
        metric='mIoU_after_crf',
    )
]
