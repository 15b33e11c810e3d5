# Zoom-out trained end to end: all layers of VGG-16 read at superpixels, three
# layers behind. 12 416 columns, which is all that is printed of the version in
# the proceedings of CVPR 2015; what they are, the 1024 units, twice, and
# dropout are from memory. The authors' release has 1000 units, no distant
# region (use=['convs', 'global'], in_channels=8320) and pixels.
# Knows no data set, input size or schedule: other bases bring those.
model = dict(
    type='SuperpixelSegmentor',
    backbone=dict(
        type='HyperFeatures',
        use=['convs', 'distant', 'global'],
        fc_kernel_size=7,
        norm_batches=500,
        network=dict(
            type='AtrousVGG16',
            pool_kernels=2,
            pool_strides=2,
            pool_pads=0,
            dilations=1,
            init_cfg=dict(
                type='VGG16ImageNet',
                # the Caffe model of the papers, in torch's format
                checkpoint=(
                    'https://web.eecs.umich.edu/~justincj/models/'
                    'vgg16-00b39a1b.pth'
                ),
                convention='caffe',
            ),
        ),
    ),
    decode_head=dict(
        type='SuperpixelHead',
        in_channels=12416,
        num_classes=21,
        hidden=[1024, 1024],
        dropout=0.5,
        loss_decode=dict(type='CrossEntropyLoss', avg_non_ignore=True),
    ),
    train_cfg=dict(),
    test_cfg=dict(mode='whole'),
)
