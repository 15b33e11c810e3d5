# Localisation network on ResNet-50, stride 8, the images of SBD. The paper
# scores it by the instances only: r50-instances_voc.py.
_base_ = [
    '../_base_/models/fcrn_boxes_resnet50.py',
    '../_base_/datasets/voc_boxes.py',
    '../_base_/schedules/fcrn_linear.py',
    '../_base_/default_runtime.py',
]
