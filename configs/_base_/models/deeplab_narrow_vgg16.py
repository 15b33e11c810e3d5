# DeepLab-LargeFOV at a quarter of the width, with batch normalisation, to be
# trained from random weights on a CPU. Ours, not the paper's.
_base_ = './deeplab_vgg16.py'
model = dict(
    backbone=dict(base_channels=16, norm_cfg=dict(type='BN'), init_cfg=None),
    decode_head=dict(in_channels=128, channels=256, norm_cfg=dict(type='BN')),
)
