# COCO's images with VOC's classes, scored by their instances; only tested.
# Crowds, whose members have no outline each, are void: taken off a mask first.
_base_ = './voc_instances.py'
data_root = 'data/coco_voc20'
test_pipeline = [
    dict(type='LoadImage'),
    dict(type='LoadLabels', num_classes=21),
    dict(type='LoadInstances', things=list(range(1, 21))),
    dict(type='PackInstances'),
]
test_dataloader = dict(
    dataset=dict(
        _delete_=True,
        type='COCOVOC20Dataset',
        data_root=data_root,
        ann_file='ImageSets/Segmentation/val.txt',
        pipeline=test_pipeline,
    ),
)
test_evaluator = dict(void='remove')
