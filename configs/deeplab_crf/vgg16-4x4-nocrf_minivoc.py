# Ablation of vgg16-4x4_minivoc.py: no CRF.
_base_ = './vgg16-4x4_minivoc.py'
trained_by = 'deeplab_crf/vgg16-4x4_minivoc'  # the CRF has no weights
model = dict(post_processors=None)
