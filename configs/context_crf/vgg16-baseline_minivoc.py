# Ablation of vgg16-pyramid_minivoc.py: no pyramid pooling.
_base_ = './vgg16-pyramid_minivoc.py'
model = dict(
    backbone=dict(pyramid=()),
    decode_head=dict(in_channels=64),
)
