# FCRN on ResNet-152; the rest is fcrn_resnet101.py's. The weights of He et al.
# are not at hand in torch's format at this depth: torchvision's instead.
_base_ = './fcrn_resnet101.py'
model = dict(
    backbone=dict(
        depth=152,
        style='pytorch',
        init_cfg=dict(
            checkpoint=(
                'https://download.pytorch.org/models/resnet152-394f9c45.pth'
            ),
            convention='torchvision',
        ),
    ),
)
