# Instances from two FCRN-101, one also trained on COCO, VOC 2012 val (SBD):
# 61.5 AP^r at 0.5, 46.6 at 0.7, 56.4 vol in the paper (Table 6).
_base_ = './r101-instances_voc.py'
assembled_from = dict(
    semantic='fcrn/r101-sbd-coco_voc',
)
published = [
    dict(
        method='FCRN-101 Hough + Bs + weighted loss + COCO',
        dataset='VOC2012-SBD-instance',
        split='val',
        metric=metric,
    )
    for metric in ('mAP_r@0.5', 'mAP_r@0.7', 'mAP_r_vol')
]
