# Zoom-out, all features, linear, the symmetric loss at 12 times the rate,
# minivoc: the mean weight of the asymmetric loss is the number of classes, so
# that this is its step. A control of ours; the paper has none.
_base_ = './vgg16-symmetric_minivoc.py'
optim_wrapper = dict(optimizer=dict(lr=3.6e-3))
