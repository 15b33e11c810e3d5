# SGD, poly, 30000 iterations; new layers at ten times the rate, biases twice
# that without decay. The paper (Lin et al., CVPR 2016) gives none of these
# numbers: they are ours.
_new = dict(lr_mult=10.0)
_new_bias = dict(lr_mult=20.0, decay_mult=0.0)
optim_wrapper = dict(
    type='OptimWrapper',
    constructor='GroupedOptimWrapperConstructor',
    optimizer=dict(type='SGD', lr=1e-3, momentum=0.9, weight_decay=5e-4),
    paramwise_cfg=dict(
        bias_lr_mult=2.0,
        bias_decay_mult=0.0,
        custom_keys={
            'conv6_2.weight': _new,
            'conv6_2.bias': _new_bias,
            'conv6_3.weight': _new,
            'conv6_3.bias': _new_bias,
            'hidden.weight': _new,
            'hidden.bias': _new_bias,
            'nodes.weight': _new,
            'nodes.bias': _new_bias,
            'score.weight': _new,
            'score.bias': _new_bias,
        },
    ),
)
param_scheduler = [
    dict(type='PolyLR', power=0.9, end=30000, eta_min=0.0, by_epoch=False)
]
train_cfg = dict(type='ResumableTrainLoop', max_iters=30000, val_interval=5000)
val_cfg = dict(type='ValLoop')
test_cfg = dict(type='TestLoop')
