# DeepLab-LargeFOV on VGG-16 (Chen et al., ICLR 2015, arXiv:1412.7062), as in
# the released networks: 3 x 3 pools, output stride 8, average pool5a.
# Knows no data set, crop size or schedule: other bases bring those.
model = dict(
    type='PostProcessedEncoderDecoder',
    backbone=dict(
        type='AtrousVGG16',
        pool_strides=(2, 2, 2, 1, 1),
        dilations=(1, 1, 1, 1, 2),
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
        type='DeepLabHead',
        kernel_size=3,
        dilation=12,
        average_pool=True,
        in_channels=512,
        in_index=5,
        channels=1024,
        dropout_ratio=0.5,
        num_classes=21,
        output_stride=8,
        loss_at='cells',
        align_corners=True,
        loss_decode=dict(type='CrossEntropyLoss', avg_non_ignore=True),
    ),
    train_cfg=dict(),
    test_cfg=dict(mode='whole'),
)
