# Ablation of vgg16_minivoc.py: 7 x 7 taps at half the paper's rate; covers
# what vgg16-4x4_minivoc.py covers, with three times its weights in fc6.
_base_ = './vgg16-base_minivoc.py'
model = dict(decode_head=dict(kernel_size=7))
