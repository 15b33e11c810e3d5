# Zoom-out with two hidden layers of 256 with dropout, minivoc.
# Reproduces the idea of a row of Table 2, not a published number. At three
# times the paper's rate, as its neighbours have, it diverges.
_base_ = './vgg16-linear_minivoc.py'
model = dict(decode_head=dict(hidden=[256, 256], dropout=0.5))
optim_wrapper = dict(optimizer=dict(lr=1e-4))
