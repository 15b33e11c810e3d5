# minivoc with random scale 0.7 to 1.3, so that small things do not always fall
# on the same cells. The rest is minivoc.py's.
_base_ = './minivoc.py'
crop_size = (121, 161)
train_pipeline = [
    dict(type='LoadImage'),
    dict(type='LoadLabels', num_classes=12),
    dict(type='RandomRescale', ratio_range=(0.7, 1.3)),
    dict(type='RandomCrop', crop_size=crop_size),
    dict(type='RandomFlip', prob=0.5),
    dict(type='PackSegInputs'),
]
train_dataloader = dict(dataset=dict(pipeline=train_pipeline))
