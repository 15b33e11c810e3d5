# PASCAL VOC 2012 for validation; training also on COCO, its classes reduced to
# VOC's (Lin et al., CVPR 2016, Sec. 7.2, who do not say how). Every image of
# both is drawn equally often.
_base_ = './voc_rescaled.py'
train_dataloader = dict(
    dataset=dict(
        _delete_=True,
        type='ConcatDataset',
        ignore_keys=['split'],  # VOC names its split, COCO has but one
        datasets=[
            dict(
                type='VOCAugDataset',
                data_root=_base_.data_root,
                split='trainaug',
                pipeline=_base_.train_pipeline,
            ),
            dict(
                type='COCOVOC20Dataset',
                data_root='data/coco_voc20',
                ann_file='ImageSets/Segmentation/trainval.txt',
                pipeline=_base_.train_pipeline,
            ),
        ],
    ),
)
