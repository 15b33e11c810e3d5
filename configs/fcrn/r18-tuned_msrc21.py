# Control of r18-tuned-bs96_msrc21.py: what r18-k3d6_msrc21.py trained goes on
# with plain cross-entropy for 1000 iterations.
_base_ = './r18-k3d6_msrc21.py'
starts_from = 'fcrn/r18-k3d6_msrc21'
optim_wrapper = dict(optimizer=dict(lr=0.01))
param_scheduler = [
    dict(type='PolyLR', power=0.9, end=1000, eta_min=0.0, by_epoch=False)
]
train_cfg = dict(max_iters=1000, val_interval=1000)
