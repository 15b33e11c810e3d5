# Ablation of r18-k3d6_minivoc.py: field of view 40 pixels, not 104.
_base_ = './r18-k3d6_minivoc.py'
model = dict(decode_head=dict(dilation=2))
