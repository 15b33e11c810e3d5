# minivoc with its instances, for networks that predict boxes: whoever learns
# sees the numbers of the instances in the place of the classes. Scale and crop
# are minivoc_rescaled.py's.
_base_ = './minivoc.py'
things = [5, 6, 7, 8, 9, 10, 11]  # boat car sun moon pole sheep bird
crop_size = (121, 161)
train_pipeline = [
    dict(type='LoadImage'),
    dict(type='LoadLabels', num_classes=12),
    dict(type='LoadInstances', things=things),
    dict(type='LabelByInstance'),
    dict(type='RandomRescale', ratio_range=(0.7, 1.3)),
    dict(type='RandomCropWithBoxes', crop_size=crop_size),
    dict(type='RandomFlip', prob=0.5),
    dict(type='PackInstances'),
]
test_pipeline = [
    dict(type='LoadImage'),
    dict(type='LoadLabels', num_classes=12),
    dict(type='LoadInstances', things=things),
    dict(type='PackInstances'),
]
train_dataloader = dict(dataset=dict(pipeline=train_pipeline))
val_dataloader = dict(dataset=dict(pipeline=test_pipeline))
test_dataloader = val_dataloader
val_evaluator = dict(_delete_=True, type='BoxIoUMetric', things=things)
test_evaluator = val_evaluator
