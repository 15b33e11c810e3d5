# Ablation of vgg16_msrc21.py: no CRF.
_base_ = './vgg16_msrc21.py'
trained_by = 'deeplab_crf/vgg16_msrc21'  # the CRF has no weights
model = dict(post_processors=None)
