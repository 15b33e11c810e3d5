# Contextual deep CRF with COCO, VOC 2012 test: 77.2 mIoU in the paper (Sec.
# 7.2). Trained on both at once, which is our choice.
_base_ = [
    '../_base_/models/context_crf_vgg16.py',
    '../_base_/datasets/voc_coco.py',
    '../_base_/schedules/context_crf_poly.py',
    '../_base_/default_runtime.py',
]
train_cfg = dict(max_iters=60000, val_interval=10000)
param_scheduler = [
    dict(type='PolyLR', power=0.9, end=60000, eta_min=0.0, by_epoch=False)
]
published = [
    dict(
        method=(
            'Context deep CRF + COCO (no mid-layer refinement) [VOC+SBD+COCO]'
        ),
        dataset='VOC2012',
        split='test',
        metric='mIoU',
    )
]
