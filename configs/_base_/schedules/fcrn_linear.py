# SGD; rate 1.6e-3 for the first 27500 of 40000 iterations, then from half of
# it down to 0 in a line; biases, those of batch normalisations too, at twice
# the rate without decay. Rates, decay and the share of the two parts are those
# of the authors' later code for Cityscapes (github.com/itijyou/ademxapp); the
# number of iterations is ours. The paper (Wu et al., 2016) gives none of it.
_bias = dict(lr_mult=2.0, decay_mult=0.0)
optim_wrapper = dict(
    type='OptimWrapper',
    constructor='GroupedOptimWrapperConstructor',
    optimizer=dict(type='SGD', lr=1.6e-3, momentum=0.9, weight_decay=5e-4),
    paramwise_cfg=dict(
        bias_lr_mult=2.0,
        bias_decay_mult=0.0,
        # mmengine leaves the biases of normalisations at the plain rate
        custom_keys={
            'bn1.bias': _bias,
            'bn2.bias': _bias,
            'bn3.bias': _bias,
            'downsample.1.bias': _bias,
            'hidden.1.bias': _bias,
        },
    ),
)
param_scheduler = [
    dict(
        type='LinearLR',
        start_factor=0.5,
        end_factor=0.0,
        begin=27500,
        end=40000,
        by_epoch=False,
    )
]
train_cfg = dict(type='ResumableTrainLoop', max_iters=40000, val_interval=5000)
val_cfg = dict(type='ValLoop')
test_cfg = dict(type='TestLoop')
