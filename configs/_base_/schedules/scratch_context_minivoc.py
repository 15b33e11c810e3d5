# Ours, for the narrow contextual CRF from random weights on minivoc: SGD,
# poly, 1200 iterations of batch 8, five minutes a potential on one CPU core.
_base_ = './scratch_minivoc.py'
param_scheduler = [
    dict(type='LinearLR', start_factor=0.1, end=50, by_epoch=False),
    dict(type='PolyLR', power=0.9, end=1200, eta_min=0.0, by_epoch=False),
]
train_cfg = dict(max_iters=1200, val_interval=1200)
