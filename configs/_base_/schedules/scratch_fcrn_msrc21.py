# Ours, for the narrow FCRN from random weights on MSRC-21: SGD, poly, 3000
# iterations of batch 8.
_base_ = './scratch_minivoc.py'
optim_wrapper = dict(optimizer=dict(lr=0.05))
param_scheduler = [
    dict(type='LinearLR', start_factor=0.1, end=200, by_epoch=False),
    dict(type='PolyLR', power=0.9, end=3000, eta_min=0.0, by_epoch=False),
]
train_cfg = dict(max_iters=3000, val_interval=3000)
