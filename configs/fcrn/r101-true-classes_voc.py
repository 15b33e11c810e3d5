# Oracle of r101-instances_voc.py: true classes, predicted boxes;
# 73.0 AP^r at 0.5, 60.6 at 0.7 in the paper (Sec. 3.2).
_base_ = './r101-instances_voc.py'
assembled_from = dict(
    _delete_=True, localisation='fcrn/r101-boxes-bs512-weighted_voc'
)
model = dict(semantic=dict(type='TrueClasses', num_classes=21))
published = [
    dict(
        method='FCRN Hough with ground-truth semantic masks (oracle)',
        dataset='VOC2012-SBD-instance',
        split='val',
        metric=metric,
    )
    for metric in ('mAP_r@0.5', 'mAP_r@0.7')
]
