# Zoom-out where no ImageNet weights are at hand: the network for the distant
# and the global region is a narrow VGG-16 that was trained on tags of crops of
# the same training images. Ours, not the paper's. A leaf names both parts.
_base_ = './zoom_out_vgg16.py'
model = dict(
    backbone=dict(
        local=dict(foreground=None, init_cfg=dict(leaf=None)),
        network=dict(
            backbone=dict(
                base_channels=16, norm_cfg=dict(type='BN'), init_cfg=None
            ),
            in_channels=128,
            hidden=[128, 128],
            pool='average',
            init_cfg=dict(type='LeafWeights', leaf=None, prefix='network.'),
        ),
        crop_size=64,
    ),
)
