# Ours, for the narrow FCRN from random weights on minivoc: SGD, poly, 2500
# iterations of batch 8, three to four minutes on one CPU core.
_base_ = './scratch_minivoc.py'
param_scheduler = [
    dict(type='LinearLR', start_factor=0.1, end=50, by_epoch=False),
    dict(type='PolyLR', power=0.9, end=2500, eta_min=0.0, by_epoch=False),
]
train_cfg = dict(max_iters=2500, val_interval=2500)
