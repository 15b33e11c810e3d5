# Contextual deep CRF, VOC 2012 test: 75.3 mIoU in the paper (Table 3).
# All potentials in one run; or each in its leaf, and then test this one.
#   python tools/train.py configs/context_crf/vgg16_voc.py
_base_ = [
    '../_base_/models/context_crf_vgg16.py',
    '../_base_/datasets/voc_rescaled.py',
    '../_base_/schedules/context_crf_poly.py',
    '../_base_/default_runtime.py',
]
assembled_from = [
    'context_crf/vgg16-unary_voc',
    'context_crf/vgg16-surrounding_voc',
    'context_crf/vgg16-above-below_voc',
]
published = [
    dict(
        method='Context deep CRF (Lin et al. CVPR16) [VOC+SBD]',
        dataset='VOC2012',
        split='test',
        metric='mIoU',
    )
]
