# Contextual deep CRF, SIFT-Flow test: 44.9 mIoU in the paper (Table 5).
_base_ = [
    '../_base_/models/context_crf_vgg16.py',
    '../_base_/datasets/siftflow.py',
    '../_base_/schedules/context_crf_poly.py',
    '../_base_/default_runtime.py',
]
model = dict(decode_head=dict(num_classes=33))
published = [
    dict(
        method='Context deep CRF (Lin et al. CVPR16)',
        dataset='SIFT-Flow-33',
        split='test',
        metric=metric,
    )
    for metric in ('pixel_acc', 'mean_acc', 'mIoU')
]
