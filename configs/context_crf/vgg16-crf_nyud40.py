# Unary and dense CRF, NYUDv2-40 test: 38.3 mIoU in the paper (Table 2).
_base_ = './vgg16_nyud40.py'
assembled_from = None
trained_by = 'context_crf/vgg16-unary_nyud40'  # the CRF has no weights
model = dict(
    backbone=dict(potentials=('unary',)),
    decode_head=dict(potentials=('unary',), in_index=6),
)
published = [
    dict(
        method='Context deep CRF: + boundary refinement (dense CRF)',
        dataset='NYUDv2-40',
        split='test',
        metric=metric,
    )
    for metric in ('pixel_acc', 'mean_acc', 'mIoU')
]
