# minivoc, generated on first use: 300 images for training, 100 for validation,
# 161 x 121 pixels, 12 classes. docs/datasets/minivoc.md shows what is drawn.
# Owns crop_size, data_preprocessor, the pipelines, the loaders, the metric.
data_root = 'data/minivoc'
crop_size = (121, 161)  # the whole image: height, width; both 8 n + 1
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
    dict(type='LoadLabels', num_classes=12),
    dict(type='RandomFlip', prob=0.5),
    dict(type='PackSegInputs'),
]
test_pipeline = [
    dict(type='LoadImage'),
    dict(type='LoadLabels', num_classes=12),
    dict(type='PackSegInputs'),
]
train_dataloader = dict(
    batch_size=8,
    num_workers=1,
    persistent_workers=True,
    sampler=dict(type='ResumableSampler', shuffle=True),
    dataset=dict(
        type='MiniVOCDataset',
        data_root=data_root,
        ann_file='ImageSets/Segmentation/train.txt',
        pipeline=train_pipeline,
    ),
)
val_dataloader = dict(
    batch_size=1,
    num_workers=1,
    persistent_workers=True,
    sampler=dict(type='DefaultSampler', shuffle=False),
    dataset=dict(
        type='MiniVOCDataset',
        data_root=data_root,
        ann_file='ImageSets/Segmentation/val.txt',
        pipeline=test_pipeline,
    ),
)
test_dataloader = val_dataloader
val_evaluator = dict(type='SegmentationMetric')
test_evaluator = val_evaluator
