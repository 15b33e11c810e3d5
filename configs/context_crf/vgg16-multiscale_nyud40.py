# Pyramid pooling and three scales, NYUDv2-40 test: 37.0 mIoU in the paper
# (Table 2). The same network as vgg16-unary_nyud40.
_base_ = './vgg16-unary_nyud40.py'
trained_by = 'context_crf/vgg16-unary_nyud40'  # the same network
published = [
    dict(
        method='Context deep CRF: + multi-scales',
        dataset='NYUDv2-40',
        split='test',
        metric=metric,
    )
    for metric in ('pixel_acc', 'mean_acc', 'mIoU')
]
