# Your own photographs in VOC's folders, see docs/your_own_data.md. Class names
# and their number are those of class_names.txt. Scaled in proportion to their
# own size, as they are tested at it. The rest is msrc21.py's: augmented for
# training from scratch, crops for photographs of some 320 pixels.
_base_ = './msrc21.py'
data_root = 'data/mine'
train_pipeline = _base_.train_pipeline  # lists: change a step, keep the rest
train_pipeline[1] = dict(type='LoadLabels')
train_pipeline[2] = dict(type='RandomRescale', ratio_range=(0.75, 1.5))
test_pipeline = _base_.test_pipeline
test_pipeline[1] = dict(type='LoadLabels')
train_dataloader = dict(
    dataset=dict(
        type='OwnDataset',
        data_root=data_root,
        ann_file='ImageSets/Segmentation/train.txt',
        pipeline=train_pipeline,
    ),
)
val_dataloader = dict(
    dataset=dict(
        type='OwnDataset',
        data_root=data_root,
        ann_file='ImageSets/Segmentation/val.txt',
        pipeline=test_pipeline,
    ),
)
test_dataloader = val_dataloader
