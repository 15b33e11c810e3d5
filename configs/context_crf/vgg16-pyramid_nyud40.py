# Pyramid pooling at a single scale, NYUDv2-40 test: 32.4 mIoU in the paper
# (Table 2).
_base_ = './vgg16-unary_nyud40.py'
model = dict(
    backbone=dict(scales=(1.0,)),
    decode_head=dict(in_channels=1536),
)
published = [
    dict(
        method='Context deep CRF: + sliding pyramid pooling',
        dataset='NYUDv2-40',
        split='test',
        metric=metric,
    )
    for metric in ('pixel_acc', 'mean_acc', 'mIoU')
]
