# DeepLab-CRF-LargeFOV, poly policy, NYUDv2-40 test.
# Not in the paper; chosen: all of vgg16-poly_voc.py, scales, crops and batches
# of the data set's base.
_base_ = [
    '../_base_/models/deeplab_vgg16.py',
    '../_base_/datasets/nyud40.py',
    '../_base_/schedules/deeplab_poly.py',
    '../_base_/default_runtime.py',
]
model = dict(
    decode_head=dict(num_classes=40),
    post_processors=[dict(type='DenseCRF', preset='DeepLab-LargeFOV')],
)
