# Control of vgg16-msc_minivoc.py: as many further iterations at its rate,
# without side branches; all weights learn. Ours, the paper has none.
_base_ = './vgg16_minivoc.py'
starts_from = 'deeplab_crf/vgg16_minivoc'
optim_wrapper = dict(optimizer=dict(lr=0.02))
