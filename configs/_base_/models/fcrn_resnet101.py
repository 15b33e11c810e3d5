# FCRN on ResNet-101 (Wu et al., 2016): output stride 8, one 5 x 5 classifier
# of dilation 12. That the statistics of the batch normalisations are frozen is
# of the authors' later code (github.com/itijyou/ademxapp).
# Knows no data set, crop size or schedule: other bases bring those.
model = dict(
    type='PostProcessedEncoderDecoder',
    backbone=dict(
        type='DilatedResNet',
        depth=101,
        output_stride=8,
        style='caffe',
        norm_cfg=dict(type='BN', requires_grad=True),
        norm_eval=True,
        init_cfg=dict(
            type='ResNetImageNet',
            checkpoint=(
                'https://download.openmmlab.com/pretrain/third_party/'
                'resnet101_msra-6cc46731.pth'
            ),
            convention='caffe',
        ),
    ),
    decode_head=dict(
        type='FCRNHead',
        kernel_size=5,
        dilation=12,
        in_channels=2048,
        in_index=3,
        num_classes=21,
        output_stride=8,
        loss_at='cells',
        align_corners=True,
        loss_decode=dict(type='CrossEntropyLoss', avg_non_ignore=True),
    ),
    train_cfg=dict(),
    test_cfg=dict(mode='whole'),
)
