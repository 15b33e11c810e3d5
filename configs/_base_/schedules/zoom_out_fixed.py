# The paper's: rate 1e-4, fixed, decay 1e-3. It gives neither the momentum, the
# batch nor the number of iterations: 0.9, 256 superpixels and 200000 are ours.
optim_wrapper = dict(
    type='OptimWrapper',
    constructor='GroupedOptimWrapperConstructor',
    optimizer=dict(type='SGD', lr=1e-4, momentum=0.9, weight_decay=1e-3),
)
param_scheduler = []
train_cfg = dict(
    type='ResumableTrainLoop', max_iters=200000, val_interval=20000
)
val_cfg = dict(type='ValLoop')
test_cfg = dict(type='TestLoop')
