# Ours, for zoom-out without ImageNet's weights: 2000 iterations at three times
# the paper's rate.
_base_ = './zoom_out_fixed.py'
optim_wrapper = dict(optimizer=dict(lr=3e-4))
train_cfg = dict(max_iters=2000, val_interval=2000)
