# Localisation network of Wu et al., 2016: fcrn_resnet101.py with boxes in
# place of classes, for VOC's 20 things. Ours: units of 100 pixels, and that
# the loss is a line from errors of 10 pixels on.
_base_ = './fcrn_resnet101.py'
model = dict(
    type='BoxRegressor',
    decode_head=dict(
        _delete_=True,
        type='BoxRegressionHead',
        things=list(range(1, 21)),
        kernel_size=5,
        dilation=12,
        in_channels=2048,
        in_index=3,
        output_stride=8,
        scale=100.0,
        align_corners=True,
        loss_decode=dict(type='BoxRegressionLoss', beta=0.1),
    ),
)
