# The network of r101-final_voc.py, PASCAL Context val, 60 classes: 44.5 mIoU
# in the paper (Table 5).
_base_ = [
    '../_base_/models/fcrn_final_resnet101.py',
    '../_base_/datasets/context60_crop500.py',
    '../_base_/schedules/fcrn_linear.py',
    '../_base_/default_runtime.py',
]
model = dict(decode_head=dict(num_classes=60))
views = dict(scales=(0.75, 1.0, 1.25), flip=True)
published = [
    dict(
        method='FCRN',
        dataset='PASCAL-Context-60',
        split='val',
        metric=metric,
    )
    for metric in ('pixel_acc', 'mean_acc', 'mIoU')
]
