# Localisation network on ResNet-18 at a quarter of the width, from random
# weights on a CPU, for minivoc's 7 things in units of 20 pixels; the loss is
# a line from errors of 2 pixels on. Ours.
_base_ = './fcrn_narrow_resnet18.py'
model = dict(
    type='BoxRegressor',
    decode_head=dict(
        _delete_=True,
        type='BoxRegressionHead',
        things=[5, 6, 7, 8, 9, 10, 11],
        kernel_size=3,
        dilation=6,
        in_channels=128,
        in_index=3,
        output_stride=8,
        scale=20.0,
        align_corners=True,
        loss_decode=dict(type='BoxRegressionLoss', beta=0.1),
    ),
)
