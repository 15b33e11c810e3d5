# Ours, for a network of superpixels that is trained end to end from random
# weights on minivoc: SGD, poly, 1000 iterations of four images.
_base_ = './scratch_minivoc.py'
optim_wrapper = dict(optimizer=dict(lr=0.03))
