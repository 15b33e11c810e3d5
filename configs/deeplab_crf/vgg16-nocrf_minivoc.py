# Ablation of vgg16_minivoc.py: no CRF.
_base_ = './vgg16_minivoc.py'
trained_by = 'deeplab_crf/vgg16_minivoc'  # the CRF has no weights
model = dict(post_processors=None)
