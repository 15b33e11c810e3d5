# CRF-RNN: a trained narrow DeepLab and its dense CRF go on as one network,
# minivoc. The CRF starts as that leaf's post-processor. Ours.
_base_ = '../deeplab_crf/vgg16_minivoc.py'
starts_from = 'deeplab_crf/vgg16_minivoc'
starts_as = {'decode_head.': 'decode_head.head.'}
model = dict(
    decode_head=dict(
        _delete_=True,
        type='CRFRNN',
        num_classes=12,
        head={{_base_.model.decode_head}},
        bilateral_weight=5.0,
        bilateral_xy_std=10.0,
        bilateral_rgb_std=6.0,
        gaussian_weight=1.0,
    ),
    post_processors=None,
)
optim_wrapper = dict(optimizer=dict(lr=0.02))
