# PASCAL Context, 59 classes, with random scale 0.7 to 1.3, crops of 500,
# batches of 16. The rest is context60_crop500.py's.
_base_ = './context60_crop500.py'
train_pipeline = _base_.train_pipeline  # lists: change a step, keep the rest
train_pipeline[1].num_classes = 59  # LoadLabels
test_pipeline = _base_.test_pipeline
test_pipeline[1].num_classes = 59
train_dataloader = dict(
    dataset=dict(type='PascalContextDataset59', pipeline=train_pipeline),
)
val_dataloader = dict(
    dataset=dict(type='PascalContextDataset59', pipeline=test_pipeline),
)
test_dataloader = val_dataloader
