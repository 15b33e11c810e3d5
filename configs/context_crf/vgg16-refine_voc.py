# Contextual deep CRF with COCO and mid-layer refinement, VOC 2012 test: 78.0
# mIoU in the paper (Table 3). Only the refinement learns.
_base_ = './vgg16-coco_voc.py'
starts_from = 'context_crf/vgg16-coco_voc'
model = dict(
    backbone=dict(frozen_blocks=6, init_cfg=None),
    decode_head=dict(type='RefinedContextCRFHead'),
)
optim_wrapper = dict(optimizer=dict(lr=1e-2))  # all that learns is new
train_cfg = dict(max_iters=20000, val_interval=5000)
param_scheduler = [
    dict(type='PolyLR', power=0.9, end=20000, eta_min=0.0, by_epoch=False)
]
published = [
    dict(
        method=(
            'Context deep CRF + COCO + mid-layer refinement (ours+) '
            '[VOC+SBD+COCO]'
        ),
        dataset='VOC2012',
        split='test',
        metric='mIoU',
    )
]
