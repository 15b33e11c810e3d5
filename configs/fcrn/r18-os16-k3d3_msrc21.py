# Ablation of r18-k3d6_msrc21.py: stride 16; field of view 112, not 104.
_base_ = './r18-k3d6_msrc21.py'
model = dict(
    backbone=dict(output_stride=16),
    decode_head=dict(dilation=3, output_stride=16),
)
