# Ours, for narrow networks from random weights on MSRC-21: SGD, poly, 4000
# iterations, under an hour on two CPU cores.
_base_ = './scratch_minivoc.py'
param_scheduler = [
    dict(type='LinearLR', start_factor=0.1, end=100, by_epoch=False),
    dict(type='PolyLR', power=0.9, end=4000, eta_min=0.0, by_epoch=False),
]
train_cfg = dict(max_iters=4000, val_interval=2000)
