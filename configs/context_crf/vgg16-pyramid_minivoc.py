# Ablation of vgg16-multiscale_minivoc.py: a single scale.
_base_ = './vgg16-unary_minivoc.py'
model = dict(
    backbone=dict(scales=(1.0,)),
    decode_head=dict(in_channels=192),
)
