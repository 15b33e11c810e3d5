# Zoom-out on VGG-16 (Mostajabi et al., CVPR 2015): 11 851 features of four
# nested regions per superpixel, a linear classifier, the asymmetric loss.
# Knows no data set or schedule: other bases bring those.
model = dict(
    type='ZoomOutSegmentor',
    backbone=dict(
        type='ZoomOutFeatures',
        use=['local', 'proximal', 'distant', 'global'],
        local=dict(
            type='LocalConvnetHead',
            num_classes=21,
            foreground=list(range(1, 21)),
            init_cfg=dict(
                type='LeafWeights',
                leaf='zoom_out/local-convnet_voc',
                prefix='decode_head.',
            ),
        ),
        network=dict(
            type='CropNetwork',
            backbone=dict(
                type='AtrousVGG16',
                pool_kernels=2,
                pool_strides=2,
                pool_pads=0,
                dilations=1,
                init_cfg=dict(
                    type='VGG16ImageNet',
                    # the Caffe model of the paper, in torch's format
                    checkpoint=(
                        'https://web.eecs.umich.edu/~justincj/models/'
                        'vgg16-00b39a1b.pth'
                    ),
                    convention='caffe',
                ),
            ),
            hidden=[4096, 4096],
            pool='flatten',
        ),
        crop_size=224,
    ),
    decode_head=dict(
        type='SuperpixelHead',
        in_channels=11851,
        num_classes=21,
        loss_decode=dict(type='AsymmetricCrossEntropyLoss', num_classes=21),
    ),
    train_cfg=dict(),
    test_cfg=dict(mode='whole'),
)
