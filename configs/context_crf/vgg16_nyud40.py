# Contextual deep CRF, NYUDv2-40 test: 40.6 mIoU in the paper (Tables 1 and 2).
_base_ = [
    '../_base_/models/context_crf_vgg16.py',
    '../_base_/datasets/nyud40.py',
    '../_base_/schedules/context_crf_poly.py',
    '../_base_/default_runtime.py',
]
assembled_from = [
    'context_crf/vgg16-unary_nyud40',
    'context_crf/vgg16-surrounding_nyud40',
    'context_crf/vgg16-above-below_nyud40',
]
model = dict(decode_head=dict(num_classes=40))
published = [
    dict(
        method='Context deep CRF: + CNN contextual pairwise (full)',
        dataset='NYUDv2-40',
        split='test',
        metric=metric,
    )
    for metric in ('pixel_acc', 'mean_acc', 'mIoU')
]
