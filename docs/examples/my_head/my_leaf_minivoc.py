# DeepLab with MyHead in place of its own head, minivoc, from random weights.
_base_ = '../../../configs/deeplab_crf/vgg16_minivoc.py'
custom_imports = dict(
    imports=[
        'zoo.models',
        'zoo.datasets',
        'zoo.evaluation',
        'zoo.engine',
        'my_head',
    ],
)
model = dict(
    decode_head=dict(
        _delete_=True,  # nothing of the base's head remains
        type='MyHead',
        dilations=(3, 6),
        in_index=5,  # pool5
        in_channels=128,
        channels=64,
        num_classes=12,
        output_stride=8,
        align_corners=True,
        norm_cfg=dict(type='BN'),
    ),
)
