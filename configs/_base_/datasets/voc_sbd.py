# VOC 2012's detection split with the labels of SBD: 5623 images for training,
# 5732 for validation (Wu et al., 2016, Sec. 3.2). Not trainaug, which holds
# many of the 5732. Scale, crop and batch are voc_crop500.py's.
_base_ = './voc_crop500.py'
data_root = 'data/sbd/dataset'
train_dataloader = dict(
    dataset=dict(type='SBDDataset', data_root=data_root, split='train'),
)
val_dataloader = dict(
    dataset=dict(type='SBDDataset', data_root=data_root, split='val'),
)
test_dataloader = val_dataloader
