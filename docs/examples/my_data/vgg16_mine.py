# DeepLab-LargeFOV at a quarter of the width, on photographs of my own.
_base_ = [
    '../../../configs/_base_/models/deeplab_narrow_vgg16.py',
    '../../../configs/_base_/datasets/own.py',
    '../../../configs/_base_/schedules/scratch_msrc21.py',
    '../../../configs/_base_/default_runtime.py',
]
model = dict(decode_head=dict(num_classes=5))
data_root = 'docs/examples/my_data'
_mine = dict(dataset=dict(data_root=data_root))
train_dataloader = _mine
val_dataloader = _mine
test_dataloader = _mine
