# Control of r18-boxes-tuned-bs10_minivoc.py: goes on from the trained
# r18-boxes_minivoc.py for 1000 iterations, every cell on a thing counting.
_base_ = './r18-boxes_minivoc.py'
starts_from = 'fcrn/r18-boxes_minivoc'
optim_wrapper = dict(optimizer=dict(lr=0.03))
param_scheduler = [
    dict(type='LinearLR', start_factor=0.1, end=50, by_epoch=False),
    dict(type='PolyLR', power=0.9, end=1000, eta_min=0.0, by_epoch=False),
]
train_cfg = dict(max_iters=1000, val_interval=1000)
