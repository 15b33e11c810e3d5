# Zoom-out, distant and global features only, linear, minivoc.
# Reproduces the idea of a row of Table 1, not a published number.
_base_ = './vgg16-linear_minivoc.py'
model = dict(
    backbone=dict(use=['distant', 'global']),
    decode_head=dict(in_channels=256),
)
