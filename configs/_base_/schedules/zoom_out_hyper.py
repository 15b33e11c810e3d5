# The release's: rate 1e-3, one image a time, three epochs of 10582 images. Its
# code has Adam, its text SGD; this is SGD with momentum 0.9. Decay is ours.
optim_wrapper = dict(
    type='OptimWrapper',
    constructor='GroupedOptimWrapperConstructor',
    optimizer=dict(type='SGD', lr=1e-3, momentum=0.9, weight_decay=5e-4),
)
param_scheduler = []
train_cfg = dict(
    type='ResumableTrainLoop', max_iters=31746, val_interval=10582
)
val_cfg = dict(type='ValLoop')
test_cfg = dict(type='TestLoop')
