# COCO's images with VOC's classes, scored by their instances; only tested.
# Crowds, whose members have no outline each, are void: taken off a mask first.
_base_ = './voc_objects.py'
data_root = 'data/coco_voc20'
test_dataloader = dict(
    dataset=dict(
        _delete_=True,
        type='COCOVOC20Dataset',
        data_root=data_root,
        ann_file='ImageSets/Segmentation/val.txt',
        pipeline=_base_.test_pipeline,
    ),
)
