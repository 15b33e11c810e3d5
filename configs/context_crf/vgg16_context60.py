# Contextual deep CRF, PASCAL-Context 60 val: 43.3 mIoU in the paper (Table 4).
_base_ = [
    '../_base_/models/context_crf_vgg16.py',
    '../_base_/datasets/context60.py',
    '../_base_/schedules/context_crf_poly.py',
    '../_base_/default_runtime.py',
]
model = dict(decode_head=dict(num_classes=60))
published = [
    dict(
        method='Context deep CRF (Lin et al. CVPR16)',
        dataset='PASCAL-Context-60',
        split='val',
        metric=metric,
    )
    for metric in ('pixel_acc', 'mean_acc', 'mIoU')
]
