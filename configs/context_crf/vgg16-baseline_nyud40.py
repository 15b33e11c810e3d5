# Neither scales nor pyramid pooling, NYUDv2-40 test: 30.5 mIoU in the paper
# (Table 2).
_base_ = './vgg16-pyramid_nyud40.py'
model = dict(
    backbone=dict(pyramid=()),
    decode_head=dict(in_channels=512),
)
published = [
    dict(
        method='Context deep CRF: FullyConvNet baseline',
        dataset='NYUDv2-40',
        split='test',
        metric=metric,
    )
    for metric in ('pixel_acc', 'mean_acc', 'mIoU')
]
