# Ablation of vgg16-base_minivoc.py: no CRF.
_base_ = './vgg16-base_minivoc.py'
trained_by = 'deeplab_crf/vgg16-base_minivoc'  # the CRF has no weights
model = dict(post_processors=None)
