# Instances from two FCRN-50, VOC 2012 val (SBD):
# 57.2 AP^r at 0.5, 40.5 at 0.7, 52.5 vol in the paper (Table 6).
_base_ = [
    '../_base_/models/hough_instances.py',
    '../_base_/datasets/voc_instances.py',
    '../_base_/schedules/test_only.py',
    '../_base_/default_runtime.py',
]
assembled_from = dict(
    semantic='fcrn/r50-sbd_voc',
    localisation='fcrn/r50-boxes_voc',
)
published = [
    dict(
        method='FCRN-50 Hough',
        dataset='VOC2012-SBD-instance',
        split='val',
        metric=metric,
    )
    for metric in ('mAP_r@0.5', 'mAP_r@0.7', 'mAP_r_vol')
]
