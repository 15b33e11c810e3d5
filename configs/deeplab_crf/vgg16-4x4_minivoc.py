# Ablation of vgg16_minivoc.py: 4 x 4 taps at twice the spread of
# vgg16-base_minivoc.py; nothing else differs from that one.
_base_ = './vgg16-base_minivoc.py'
model = dict(decode_head=dict(dilation=4))
