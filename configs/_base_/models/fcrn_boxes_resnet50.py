# Localisation network on ResNet-50; the rest is fcrn_boxes_resnet101.py's.
_base_ = './fcrn_boxes_resnet101.py'
model = dict(
    backbone=dict(
        depth=50,
        init_cfg=dict(
            checkpoint=(
                'https://download.openmmlab.com/pretrain/third_party/'
                'resnet50_msra-5891d200.pth'
            ),
        ),
    ),
)
