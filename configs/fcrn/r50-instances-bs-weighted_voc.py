# Instances from two FCRN-50, bootstrapped and weighted, VOC 2012 val (SBD):
# 59.8 AP^r at 0.5, 43.5 at 0.7, 54.7 vol in the paper (Table 6).
_base_ = './r50-instances_voc.py'
assembled_from = dict(
    localisation='fcrn/r50-boxes-bs512-weighted_voc',
)
published = [
    dict(
        method='FCRN-50 Hough + Bs + weighted loss',
        dataset='VOC2012-SBD-instance',
        split='val',
        metric=metric,
    )
    for metric in ('mAP_r@0.5', 'mAP_r@0.7', 'mAP_r_vol')
]
