# Stanford Background with tags: which classes a picture holds, never where. A
# random crop of a twentieth of the area or more is a picture of its own, since
# there are few whole ones, and a region is what the network is to describe.
# The rest is stanford.py's.
_base_ = './stanford.py'
crop_size = (64, 64)
data_preprocessor = dict(size=crop_size)
train_pipeline = [
    dict(type='LoadImage'),
    dict(type='LoadLabels', num_classes=8),
    dict(type='RandomAreaCrop', size=64, min_area=0.05),
    dict(type='TagsOfLabels', num_classes=8),
    dict(type='RandomFlip', prob=0.5),
    dict(type='PackTags'),
]
test_pipeline = [
    dict(type='LoadImage'),
    dict(type='LoadLabels', num_classes=8),
    dict(type='TagsOfLabels', num_classes=8),
    dict(type='RandomAreaCrop', size=64),
    dict(type='PackTags'),
]
train_dataloader = dict(
    batch_size=16,
    dataset=dict(pipeline=train_pipeline),
)
val_dataloader = dict(dataset=dict(pipeline=test_pipeline))
test_dataloader = val_dataloader
val_evaluator = dict(type='TagMetric')
test_evaluator = val_evaluator
