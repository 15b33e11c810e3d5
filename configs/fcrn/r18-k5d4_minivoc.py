# Ablation of r18-k3d6_minivoc.py: field of view 136 pixels, not 104, of 5 x 5
# taps.
_base_ = './r18-k3d6_minivoc.py'
model = dict(decode_head=dict(kernel_size=5, dilation=4))
