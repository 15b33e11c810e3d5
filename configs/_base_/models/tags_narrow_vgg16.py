# Image-level tags from VGG-16 at a quarter of the width, with batch
# normalisation and two hidden layers of 128, to be trained from random weights
# on a CPU. Ours, in the place of a network trained on ImageNet.
model = dict(
    type='TagClassifier',
    network=dict(
        type='CropNetwork',
        backbone=dict(
            type='AtrousVGG16',
            base_channels=16,
            pool_kernels=2,
            pool_strides=2,
            pool_pads=0,
            dilations=1,
            norm_cfg=dict(type='BN'),
        ),
        in_channels=128,
        hidden=[128, 128],
        pool='average',
    ),
)
