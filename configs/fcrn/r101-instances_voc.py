# Instances from two FCRN-101, bootstrapped and weighted, VOC 2012 val (SBD):
# 60.9 AP^r at 0.5, 44.6 at 0.7, 55.5 vol in the paper (Table 6).
_base_ = './r50-instances_voc.py'
assembled_from = dict(
    semantic='fcrn/r101-sbd_voc',
    localisation='fcrn/r101-boxes-bs512-weighted_voc',
)
published = [
    dict(
        method='FCRN-101 Hough + Bs + weighted loss',
        dataset='VOC2012-SBD-instance',
        split='val',
        metric=metric,
    )
    for metric in ('mAP_r@0.5', 'mAP_r@0.7', 'mAP_r_vol')
]
