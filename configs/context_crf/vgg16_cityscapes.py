# Contextual deep CRF, Cityscapes val: 68.6 mIoU of the paper's long version,
# as Wu et al. (2016) quote it. Chosen: all of vgg16_context60.py, scales,
# crops and batches of cityscapes.py, all potentials in one run.
_base_ = [
    '../_base_/models/context_crf_vgg16.py',
    '../_base_/datasets/cityscapes.py',
    '../_base_/schedules/context_crf_poly.py',
    '../_base_/default_runtime.py',
]
model = dict(decode_head=dict(num_classes=19))
published = [
    dict(
        method='Context deep CRF (Lin et al., arXiv 1603.03183)',
        dataset='Cityscapes',
        split='val',
        metric='mIoU',
    )
]
