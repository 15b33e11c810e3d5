# Ablation of vgg16_minivoc.py: pairwise potentials, no dense CRF.
_base_ = './vgg16_minivoc.py'
trained_by = 'context_crf/vgg16_minivoc'  # the CRF has no weights
model = dict(post_processors=None)
