# DeepLab-v2's: SGD whose rate falls as (1 - it / max) ** 0.9, 20000 iterations
# of batch 10 (Chen et al., arXiv:1606.00915, Table 2).
_base_ = './deeplab_step.py'
param_scheduler = [
    dict(type='PolyLR', power=0.9, end=20000, eta_min=0.0, by_epoch=False)
]
train_cfg = dict(max_iters=20000, val_interval=4000)
