# Stanford Background: the first of five folds, 572 photographs for training
# and 143 for testing; tools/cross_validate.py runs all five. There is no list
# for validation: it scores the test images and selects nothing. Mirrored, not
# cropped: crop_size is what a batch is padded to.
# Owns crop_size, data_preprocessor, the pipelines, the loaders, the metric.
data_root = 'data/stanford'
crop_size = (320, 320)  # they are about 320 x 240, some upright
data_preprocessor = dict(
    type='SegDataPreProcessor',
    mean=[104.008, 116.669, 122.675],  # BGR, 0 to 255
    std=[1.0, 1.0, 1.0],
    size=crop_size,
    pad_val=0,  # the mean, once it is subtracted
    seg_pad_val=255,
)
train_pipeline = [
    dict(type='LoadImage'),
    dict(type='LoadLabels', num_classes=8),
    dict(type='RandomFlip', prob=0.5),
    dict(type='PackSegInputs'),
]
test_pipeline = [
    dict(type='LoadImage'),
    dict(type='LoadLabels', num_classes=8),
    dict(type='PackSegInputs'),
]
train_dataloader = dict(
    batch_size=8,
    num_workers=2,
    persistent_workers=True,
    sampler=dict(type='ResumableSampler', shuffle=True),
    dataset=dict(
        type='StanfordBackgroundDataset',
        data_root=data_root,
        ann_file='splits/fold0_train.txt',
        pipeline=train_pipeline,
    ),
)
val_dataloader = dict(
    batch_size=1,
    num_workers=1,
    persistent_workers=True,
    sampler=dict(type='DefaultSampler', shuffle=False),
    dataset=dict(
        type='StanfordBackgroundDataset',
        data_root=data_root,
        ann_file='splits/fold0_test.txt',
        pipeline=test_pipeline,
    ),
)
test_dataloader = val_dataloader
val_evaluator = dict(type='SegmentationMetric')
test_evaluator = val_evaluator
