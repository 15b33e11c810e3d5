# The release's: SGD, 6000 iterations, rate divided by 10 every 2000. Biases
# learn at twice the rate without decay, the last layer at ten times.
optim_wrapper = dict(
    type='OptimWrapper',
    constructor='GroupedOptimWrapperConstructor',
    optimizer=dict(type='SGD', lr=1e-3, momentum=0.9, weight_decay=5e-4),
    paramwise_cfg=dict(
        bias_lr_mult=2.0,
        bias_decay_mult=0.0,
        custom_keys={
            'decode_head.conv_seg.weight': dict(lr_mult=10.0),
            'decode_head.conv_seg.bias': dict(lr_mult=20.0, decay_mult=0.0),
        },
    ),
)
param_scheduler = [
    dict(
        type='MultiStepLR', milestones=[2000, 4000], gamma=0.1, by_epoch=False
    )
]
train_cfg = dict(type='ResumableTrainLoop', max_iters=6000, val_interval=2000)
val_cfg = dict(type='ValLoop')
test_cfg = dict(type='TestLoop')
