# Ablation of vgg16-7x7_minivoc.py: no CRF.
_base_ = './vgg16-7x7_minivoc.py'
trained_by = 'deeplab_crf/vgg16-7x7_minivoc'  # the CRF has no weights
model = dict(post_processors=None)
