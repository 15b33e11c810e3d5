# VOC 2012's detection split with the instances of SBD, for networks that
# predict boxes: whoever learns sees the numbers of the instances in the place
# of the classes. Scale, crop and batch are voc_crop500.py's.
_base_ = './voc_sbd.py'
things = list(range(1, 21))
crop_size = (500, 500)
train_pipeline = [
    dict(type='LoadImage'),
    dict(type='LoadLabels', num_classes=21),
    dict(type='LoadInstances', things=things, folder='inst'),
    dict(type='LabelByInstance'),
    dict(type='RandomRescale', ratio_range=(0.7, 1.3)),
    dict(type='RandomCropWithBoxes', crop_size=crop_size),
    dict(type='RandomFlip', prob=0.5),
    dict(type='PackInstances'),
]
test_pipeline = [
    dict(type='LoadImage'),
    dict(type='LoadLabels', num_classes=21),
    dict(type='LoadInstances', things=things, folder='inst'),
    dict(type='PackInstances'),
]
train_dataloader = dict(dataset=dict(pipeline=train_pipeline))
val_dataloader = dict(dataset=dict(pipeline=test_pipeline))
test_dataloader = val_dataloader
val_evaluator = dict(_delete_=True, type='BoxIoUMetric', things=things)
test_evaluator = val_evaluator
