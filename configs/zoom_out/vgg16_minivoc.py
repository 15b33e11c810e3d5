# Zoom-out with one hidden layer of 1024, minivoc.
# Reproduces the idea of a row of Table 2, not a published number.
#   python tools/train.py configs/zoom_out/vgg16_minivoc.py
_base_ = './vgg16-linear_minivoc.py'
model = dict(decode_head=dict(hidden=[1024]))
