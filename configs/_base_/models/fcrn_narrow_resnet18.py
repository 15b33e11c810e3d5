# FCRN on ResNet-18 at a quarter of the width, to be trained from random
# weights on a CPU, statistics of the batch normalisations included. Ours.
_base_ = './fcrn_resnet101.py'
model = dict(
    backbone=dict(
        depth=18,
        stem_channels=16,
        base_channels=16,
        style='pytorch',
        norm_eval=False,
        init_cfg=None,
    ),
    decode_head=dict(kernel_size=3, dilation=6, in_channels=128),
)
