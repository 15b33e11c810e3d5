# Instances of Wu et al., 2016, Sec. 2.1: classes and boxes of two networks,
# grouped. A leaf names the networks in assembled_from. The paper prints none
# of the numbers; these are ours, for cells 8 pixels apart and VOC's things.
# The smallest cluster, 4 cells, is 256 pixels; 16 would lose two objects of
# five in COCO's photographs (configs/fcrn/README.md).
model = dict(
    type='InstanceSegmentor',
    grouper=dict(
        type='HoughInstances',
        things=list(range(1, 21)),
        stride=8,
        top_n=2,
        box_iou=0.5,
        mask_iou=0.3,
        min_pixels=4,
    ),
)
