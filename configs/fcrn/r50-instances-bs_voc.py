# Instances from two FCRN-50, bootstrapped, VOC 2012 val (SBD):
# 58.7 AP^r at 0.5, 42.0 at 0.7, 53.8 vol in the paper (Table 6).
_base_ = './r50-instances_voc.py'
assembled_from = dict(localisation='fcrn/r50-boxes-bs512_voc')
published = [
    dict(
        method='FCRN-50 Hough + Bs',
        dataset='VOC2012-SBD-instance',
        split='val',
        metric=metric,
    )
    for metric in ('mAP_r@0.5', 'mAP_r@0.7', 'mAP_r_vol')
]
