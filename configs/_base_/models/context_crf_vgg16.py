# Contextual deep CRF on VGG-16 (Lin et al., CVPR 2016): three FeatMap-Nets, a
# unary and two pairwise potentials, mean field, then the dense CRF.
# Knows no data set, crop size or schedule: other bases bring those.
model = dict(
    type='PostProcessedEncoderDecoder',
    backbone=dict(
        type='FeatMapNets',
        potentials=('unary', 'surrounding', 'above_below'),
        scales=(1.2, 0.8, 0.4),
        pyramid=(5, 9),
        profile='light',  # ours; 'paper' has 925 million weights in fc6 alone
        init_cfg=dict(
            type='VGG16ImageNet',
            # the Caffe model that the paper starts from, in torch's format
            checkpoint=(
                'https://web.eecs.umich.edu/~justincj/models/vgg16-00b39a1b.pth'
            ),
            convention='caffe',
        ),
    ),
    decode_head=dict(
        type='ContextCRFHead',
        potentials=('unary', 'surrounding', 'above_below'),
        in_index=(6, 7, 8),
        in_channels=4608,
        channels=512,
        dropout_ratio=0.5,
        num_classes=21,
        train_edges=2000,  # ours, as is the mean instead of the sum
        messages='mean',
        box=0.4,
        iterations=3,
        loss_decode=dict(type='CrossEntropyLoss', avg_non_ignore=True),
    ),
    # the paper gives no parameters: ours, in the ranges that DeepLab searched
    post_processors=[
        dict(
            type='DenseCRF',
            bilateral_weight=5.0,
            bilateral_xy_std=60.0,
            bilateral_rgb_std=5.0,
        )
    ],
    train_cfg=dict(),
    test_cfg=dict(mode='whole'),
)
