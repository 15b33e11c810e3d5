# PASCAL Context, 59 classes: the photographs and label maps of context60.py,
# with background neither learned nor scored. The rest is context60.py's.
_base_ = './context60.py'
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
