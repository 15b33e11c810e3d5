# Ours, for narrow networks from random weights on MSRC-21: SGD, poly, 5000
# iterations of batch 8, under an hour on two CPU cores.
_base_ = './scratch_minivoc.py'
optim_wrapper = dict(optimizer=dict(lr=0.05))
param_scheduler = [
    dict(type='LinearLR', start_factor=0.1, end=200, by_epoch=False),
    dict(type='PolyLR', power=0.9, end=5000, eta_min=0.0, by_epoch=False),
]
train_cfg = dict(max_iters=5000, val_interval=2500)
