# Shared by every leaf: what to import, the seed, hooks, checkpoints and logs.
# Owns all that the model, data set and schedule bases do not.
custom_imports = dict(
    imports=['zoo.models', 'zoo.datasets', 'zoo.evaluation', 'zoo.engine'],
    allow_failed_imports=False,
)
default_scope = 'mmseg'
runner_type = 'ZooRunner'
randomness = dict(seed=0)
default_hooks = dict(
    logger=dict(type='LoggerHook', interval=50, log_metric_by_epoch=False),
    checkpoint=dict(type='NewestCheckpointsHook', interval=500, keep=2),
)
custom_hooks = [
    dict(type='FiniteLossHook'),
    dict(type='ValidateNetworkAloneHook'),
    dict(type='ProgressHook'),
    dict(type='StopwatchHook'),
]
visualizer = dict(
    type='SegLocalVisualizer',
    vis_backends=[dict(type='LocalVisBackend')],
)
log_processor = dict(by_epoch=False)
